#include "CGnuplot.h"

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <ctime>
#include <exception>
#include <memory>

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <gnuplot-iostream.h>

extern char **environ;

namespace {

/// Keeps SIGPIPE from this thread while it writes, and swallows one that the writing caused.
class PipeSignalBlock {
public:
  PipeSignalBlock() {
    sigset_t pending;
    sigemptyset(&pending);
    sigpending(&pending);
    wasPending = sigismember(&pending, SIGPIPE) == 1;
    sigemptyset(&pipe);
    sigaddset(&pipe, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &pipe, &previous);
  }

  ~PipeSignalBlock() {
    if (!wasPending) {
      const timespec now = {0, 0};
      while (sigtimedwait(&pipe, nullptr, &now) == -1 && errno == EINTR) {
      }
    }
    pthread_sigmask(SIG_SETMASK, &previous, nullptr);
  }

  PipeSignalBlock(const PipeSignalBlock &) = delete;
  PipeSignalBlock &operator=(const PipeSignalBlock &) = delete;

private:
  sigset_t pipe;
  sigset_t previous;
  bool wasPending;
};

/// Starts the program with `input` as its standard input and `errors` as its error stream.
int spawn(const char *program, const char *folder, int input, int errors, pid_t *process) {
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  if (int code = posix_spawn_file_actions_init(&actions)) return code;
  if (int code = posix_spawnattr_init(&attributes)) {
    posix_spawn_file_actions_destroy(&actions);
    return code;
  }
  // A thread that has a signal blocked would hand that on to the program.
  sigset_t none;
  sigemptyset(&none);
  posix_spawnattr_setsigmask(&attributes, &none);
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
  posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
  posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, errors, STDERR_FILENO);
  posix_spawn_file_actions_addchdir_np(&actions, folder);
  char name[] = "gnuplot";
  char defaults[] = "-d";
  char *arguments[] = {name, defaults, nullptr};
  int code = posix_spawnp(process, program, &actions, &attributes, arguments, environ);
  posix_spawnattr_destroy(&attributes);
  posix_spawn_file_actions_destroy(&actions);
  return code;
}

} // namespace

struct concord_gnuplot {
  pid_t process = -1;
  std::FILE *errors = nullptr;
  std::unique_ptr<gnuplotio::Gnuplot> stream;
};

int concord_gnuplot_open(const char *program, const char *folder, concord_gnuplot **result) {
  *result = nullptr;
  std::FILE *errors = std::tmpfile();
  if (!errors) return errno;
  int ends[2];
  int code = 0;
  if (fcntl(fileno(errors), F_SETFD, FD_CLOEXEC) != 0 || pipe2(ends, O_CLOEXEC) != 0) {
    code = errno;
    std::fclose(errors);
    return code;
  }
  pid_t process = -1;
  code = spawn(program, folder, ends[0], fileno(errors), &process);
  close(ends[0]);
  std::FILE *input = code == 0 ? fdopen(ends[1], "w") : nullptr;
  if (code == 0 && !input) code = errno;
  if (code == 0) {
    try {
      auto gnuplot = std::make_unique<concord_gnuplot>();
      gnuplot->stream = std::make_unique<gnuplotio::Gnuplot>(input);
      // The stream's own closing would write what is left to a descriptor that is closed already.
      gnuplot->stream->set_auto_close(false);
      gnuplot->process = process;
      gnuplot->errors = errors;
      *result = gnuplot.release();
      return 0;
    } catch (const std::exception &) {
      code = ENOMEM;
    }
  }
  if (input) {
    std::fclose(input);
  } else {
    close(ends[1]);
  }
  if (process > 0) {
    while (waitpid(process, nullptr, 0) == -1 && errno == EINTR) {
    }
  }
  std::fclose(errors);
  return code;
}

int concord_gnuplot_send(concord_gnuplot *gnuplot, const char *text, size_t length) {
  PipeSignalBlock block;
  try {
    gnuplot->stream->write(text, static_cast<std::streamsize>(length));
    gnuplot->stream->flush();
    return gnuplot->stream->good() ? 0 : EPIPE;
  } catch (const std::exception &) {
    return EPIPE;
  }
}

int concord_gnuplot_close(concord_gnuplot *gnuplot, char *message, size_t capacity) {
  {
    PipeSignalBlock block;
    try {
      gnuplot->stream.reset();
    } catch (const std::exception &) {
      // The input is closed either way; what matters is how the program ended.
    }
  }
  int status = 0;
  pid_t waited;
  do {
    waited = waitpid(gnuplot->process, &status, 0);
  } while (waited == -1 && errno == EINTR);
  if (capacity > 0) {
    std::rewind(gnuplot->errors);
    message[std::fread(message, 1, capacity - 1, gnuplot->errors)] = 0;
  }
  std::fclose(gnuplot->errors);
  delete gnuplot;
  if (waited == -1) return -1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
