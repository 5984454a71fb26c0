import Foundation

/// Stops the program where a condition does not hold, with the message on standard error in release builds too.
///
/// It takes the place of the standard library's function, which tells its message in debug builds only; a shape that
/// does not fit must be named in the builds that people use.
@inlinable public func precondition(
  _ condition: @autoclosure () -> Bool, _ message: @autoclosure () -> String, file: StaticString = #fileID,
  line: UInt = #line
) {
  if !condition() { stop(message(), file: file, line: line) }
}

/// Stops the program with a message on standard error, in release builds too.
@inlinable public func preconditionFailure(
  _ message: @autoclosure () -> String, file: StaticString = #fileID, line: UInt = #line
) -> Never {
  stop(message(), file: file, line: line)
}

@usableFromInline func stop(_ message: String, file: StaticString, line: UInt) -> Never {
  FileHandle.standardError.write(Data("\(file):\(line): \(message)\n".utf8))
  abort()
}
