// SVG by librsvg on cairo. Both are loaded when the first picture is drawn, so that a machine without them can do all else;
// what is declared here is their stable C interface (librsvg 2.52 or later).
#include <dlfcn.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "CImageCodecs.h"

typedef struct {
  double x, y, width, height;
} rectangle;

typedef struct {
  double length;
  int unit;
} length;

typedef struct {
  uint32_t domain;
  int code;
  char *message;
} failure;

typedef struct drawing drawing;
typedef struct surface surface;
typedef struct context context;

// cairo's format of 32 bits a pixel whose upper 8 are unused.
enum { format_rgb24 = 1 };

static struct {
  drawing *(*read)(const uint8_t *, size_t, failure **);
  int (*size_in_pixels)(drawing *, double *, double *);
  void (*dimensions)(drawing *, int *, length *, int *, length *, int *, rectangle *);
  int (*geometry)(drawing *, const char *, const rectangle *, rectangle *, rectangle *, failure **);
  int (*draw)(drawing *, context *, const rectangle *, failure **);
  void (*release)(void *);
  void (*release_failure)(failure *);
  surface *(*new_surface)(int, int, int);
  int (*surface_status)(surface *);
  void (*flush)(surface *);
  unsigned char *(*pixels)(surface *);
  int (*stride)(surface *);
  void (*free_surface)(surface *);
  context *(*new_context)(surface *);
  int (*context_status)(context *);
  void (*colour)(context *, double, double, double);
  void (*paint)(context *);
  void (*translate)(context *, double, double);
  void (*scale)(context *, double, double);
  void (*free_context)(context *);
} library;

static pthread_once_t once = PTHREAD_ONCE_INIT;
static char missing[160];

static void *open_library(const char *name) {
  void *handle = dlopen(name, RTLD_NOW | RTLD_LOCAL);
  if (!handle && !missing[0]) snprintf(missing, sizeof missing, "%s cannot be loaded", name);
  return handle;
}

static void find(void *handle, const char *name, void *target) {
  if (missing[0]) return;
  void *found = dlsym(handle, name);
  if (!found) snprintf(missing, sizeof missing, "the library has no %s", name);
  memcpy(target, &found, sizeof found);
}

static void load(void) {
  void *rsvg = open_library("librsvg-2.so.2");
  void *cairo = open_library("libcairo.so.2");
  void *object = open_library("libgobject-2.0.so.0");
  find(rsvg, "rsvg_handle_new_from_data", &library.read);
  find(rsvg, "rsvg_handle_get_intrinsic_size_in_pixels", &library.size_in_pixels);
  find(rsvg, "rsvg_handle_get_intrinsic_dimensions", &library.dimensions);
  find(rsvg, "rsvg_handle_get_geometry_for_layer", &library.geometry);
  find(rsvg, "rsvg_handle_render_document", &library.draw);
  find(object, "g_object_unref", &library.release);
  find(object, "g_error_free", &library.release_failure);
  find(cairo, "cairo_image_surface_create", &library.new_surface);
  find(cairo, "cairo_surface_status", &library.surface_status);
  find(cairo, "cairo_surface_flush", &library.flush);
  find(cairo, "cairo_image_surface_get_data", &library.pixels);
  find(cairo, "cairo_image_surface_get_stride", &library.stride);
  find(cairo, "cairo_surface_destroy", &library.free_surface);
  find(cairo, "cairo_create", &library.new_context);
  find(cairo, "cairo_status", &library.context_status);
  find(cairo, "cairo_set_source_rgb", &library.colour);
  find(cairo, "cairo_paint", &library.paint);
  find(cairo, "cairo_translate", &library.translate);
  find(cairo, "cairo_scale", &library.scale);
  find(cairo, "cairo_destroy", &library.free_context);
}

static void say(ic_message *message, const char *text) {
  snprintf(message->text, sizeof message->text, "%s", text);
}

/// Takes over the failure's text, which ends with the first line.
static ic_status fail(ic_message *message, failure *failure, const char *standard) {
  say(message, failure && failure->message ? failure->message : standard);
  message->text[strcspn(message->text, "\r\n")] = 0;
  // The library quotes what it could not read.
  message->text[100] = 0;
  if (failure) library.release_failure(failure);
  return ic_damaged;
}

ic_status ic_svg_library(ic_message *message) {
  message->text[0] = 0;
  pthread_once(&once, load);
  if (!missing[0]) return ic_good;
  say(message, missing);
  return ic_missing;
}

static int is_size(double width, double height) {
  return isfinite(width) && isfinite(height) && width > 1e-6 && height > 1e-6 && width < 1e9 && height < 1e9;
}

/// The part of the drawing's plane that is the picture: what it says of its size, else its view box, else all that is drawn.
static int extent(drawing *drawing, rectangle *whole, failure **failure) {
  *whole = (rectangle){0, 0, 0, 0};
  if (library.size_in_pixels(drawing, &whole->width, &whole->height) && is_size(whole->width, whole->height)) return 1;
  int has_width = 0, has_height = 0, has_box = 0;
  length width, height;
  rectangle box = {0, 0, 0, 0};
  library.dimensions(drawing, &has_width, &width, &has_height, &height, &has_box, &box);
  if (has_box && is_size(box.width, box.height)) {
    *whole = (rectangle){0, 0, box.width, box.height};
    return 1;
  }
  const rectangle view = {0, 0, 1000, 1000};
  rectangle ink, logical;
  if (!library.geometry(drawing, NULL, &view, &ink, &logical, failure)) return 0;
  *whole = ink;
  return is_size(ink.width, ink.height);
}

ic_status ic_svg_draw(const uint8_t *bytes, size_t count, uint32_t side, uint8_t *rgb, ic_message *message) {
  ic_status status = ic_svg_library(message);
  if (status != ic_good) return status;
  failure *failure = NULL;
  drawing *drawing = library.read(bytes, count, &failure);
  if (!drawing) return fail(message, failure, "not an SVG");
  rectangle whole;
  if (!extent(drawing, &whole, &failure)) {
    library.release(drawing);
    return fail(message, failure, "the drawing is empty");
  }
  surface *surface = library.new_surface(format_rgb24, (int)side, (int)side);
  context *context = library.new_context(surface);
  if (library.surface_status(surface) != 0 || library.context_status(context) != 0) {
    status = ic_no_memory;
  } else {
    library.colour(context, 1, 1, 1);
    library.paint(context);
    const double scale = side / fmax(whole.width, whole.height);
    library.translate(context, (side - scale * whole.width) / 2, (side - scale * whole.height) / 2);
    library.scale(context, scale, scale);
    // What is drawn outside of a picture that does not say its size begins elsewhere than at 0.
    const rectangle view = {0, 0, whole.x == 0 && whole.y == 0 ? whole.width : 1000,
                            whole.x == 0 && whole.y == 0 ? whole.height : 1000};
    library.translate(context, -whole.x, -whole.y);
    if (!library.draw(drawing, context, &view, &failure)) {
      status = fail(message, failure, "it cannot be drawn");
    } else if (library.context_status(context) != 0) {
      status = fail(message, NULL, "it cannot be drawn");
    } else {
      library.flush(surface);
      const unsigned char *pixels = library.pixels(surface);
      const int stride = library.stride(surface);
      for (uint32_t y = 0; y < side; y++) {
        for (uint32_t x = 0; x < side; x++) {
          uint32_t pixel;
          memcpy(&pixel, pixels + (size_t)y * (size_t)stride + 4 * (size_t)x, sizeof pixel);
          uint8_t *target = rgb + 3 * ((size_t)y * side + x);
          target[0] = (uint8_t)(pixel >> 16);
          target[1] = (uint8_t)(pixel >> 8);
          target[2] = (uint8_t)pixel;
        }
      }
    }
  }
  library.free_context(context);
  library.free_surface(surface);
  library.release(drawing);
  return status;
}
