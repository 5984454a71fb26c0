#pragma once
#include <zlib.h>

// inflateInit2 is a macro that Swift cannot import.
static inline int concord_inflate_begin(z_stream *stream) { return inflateInit2(stream, 15 + 16); }
