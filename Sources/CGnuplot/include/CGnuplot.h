#pragma once

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/// A running gnuplot that reads commands from a pipe.
typedef struct concord_gnuplot concord_gnuplot;

/// Starts a program, looked up in PATH, with default settings and a working folder.
/// Returns 0, or an error number such as ENOENT where there is no such program; then nothing is to be closed.
int concord_gnuplot_open(const char *program, const char *folder, concord_gnuplot **result);

/// Sends commands, with their data in line, and flushes.
/// Returns 0, or EPIPE where the program is gone; the handle is still to be closed. No signal is raised.
int concord_gnuplot_send(concord_gnuplot *gnuplot, const char *text, size_t length);

/// Ends the input, waits for the program and frees the handle.
/// Returns the program's exit status, 128 and the number of the signal that ended it, or -1 where it cannot be known.
/// What the program said on its error stream goes, ended by a zero, to `message`, as far as there is room.
int concord_gnuplot_close(concord_gnuplot *gnuplot, char *message, size_t capacity);

#ifdef __cplusplus
}
#endif
