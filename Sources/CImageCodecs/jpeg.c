#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jpeglib.h>

#include <jerror.h>

#include "CImageCodecs.h"
#include "exif.h"

// A progressive picture has about ten scans; thousands over a large one are an attack on the reader's time.
enum { most_scans = 200 };

struct decoder {
  struct jpeg_decompress_struct info;
  struct jpeg_error_mgr error;
  struct jpeg_progress_mgr progress;
  jmp_buf escape;
  ic_message *message;
  /// Whether the bytes ended before the mark of the picture's end.
  int lacks_end;
};

static void fail(j_common_ptr info) {
  struct decoder *decoder = info->client_data;
  char text[JMSG_LENGTH_MAX];
  info->err->format_message(info, text);
  strncpy(decoder->message->text, text, sizeof decoder->message->text - 1);
  decoder->message->text[sizeof decoder->message->text - 1] = 0;
  longjmp(decoder->escape, info->err->msg_code == JERR_OUT_OF_MEMORY ? 2 : 1);
}

/// The library goes on with grey where the data of a picture are damaged or end early; such a picture is refused instead.
/// All other warnings are of no loss: bytes between segments, parameters of a scan that nobody needs, an odd profile, or
/// a mark of the end that lacks, as some phones and cameras write them.
static void warn(j_common_ptr info, int level) {
  struct decoder *decoder = info->client_data;
  if (level >= 0) return;
  switch (info->err->msg_code) {
  case JWRN_HIT_MARKER:
  case JWRN_HUFF_BAD_CODE:
  case JWRN_ARITH_BAD_CODE:
  case JWRN_MUST_RESYNC: fail(info); break;
  case JWRN_JPEG_EOF: decoder->lacks_end = 1; break;
  default: break;
  }
}

/// Whether scans lack behind the last that is there: those of a progressive picture refine its numbers to the last bit.
static int lacks_scans(struct jpeg_decompress_struct *info) {
  if (!info->coef_bits) return jpeg_has_multiple_scans(info);
  for (int component = 0; component < info->num_components; component++)
    for (int i = 0; i < DCTSIZE2; i++)
      if (info->coef_bits[component][i] != 0) return 1;
  return 0;
}

static void be_silent(j_common_ptr info) { (void)info; }

static void watch(j_common_ptr info) {
  struct decoder *decoder = info->client_data;
  if (decoder->info.input_scan_number <= most_scans) return;
  snprintf(decoder->message->text, sizeof decoder->message->text, "more than %d scans", most_scans);
  longjmp(decoder->escape, 1);
}

/// Reads up to the picture's data; a fault goes to `escape`, so the caller has set it.
static void begin(struct decoder *decoder, const uint8_t *bytes, size_t count) {
  jpeg_mem_src(&decoder->info, bytes, count);
  decoder->progress.progress_monitor = watch;
  decoder->info.progress = &decoder->progress;
  jpeg_save_markers(&decoder->info, JPEG_APP0 + 1, 0xffff);
  jpeg_read_header(&decoder->info, TRUE);
}

static struct decoder *create(ic_message *message) {
  message->text[0] = 0;
  struct decoder *decoder = calloc(1, sizeof *decoder);
  if (!decoder) return NULL;
  decoder->message = message;
  decoder->info.err = jpeg_std_error(&decoder->error);
  decoder->error.error_exit = fail;
  decoder->error.emit_message = warn;
  decoder->error.output_message = be_silent;
  decoder->info.client_data = decoder;
  return decoder;
}

static ic_status end(struct decoder *decoder, int fault) {
  jpeg_destroy_decompress(&decoder->info);
  free(decoder);
  return fault == 0 ? ic_good : fault == 2 ? ic_no_memory : ic_damaged;
}

ic_status ic_jpeg_header(const uint8_t *bytes, size_t count, ic_header *header, ic_message *message) {
  struct decoder *decoder = create(message);
  if (!decoder) return ic_no_memory;
  int fault = setjmp(decoder->escape);
  if (fault) return end(decoder, fault);
  jpeg_create_decompress(&decoder->info);
  begin(decoder, bytes, count);
  header->width = decoder->info.image_width;
  header->height = decoder->info.image_height;
  header->orientation = 1;
  for (jpeg_saved_marker_ptr marker = decoder->info.marker_list; marker; marker = marker->next) {
    if (marker->data_length > 6 && memcmp(marker->data, "Exif\0\0", 6) == 0) {
      header->orientation = ic_exif_orientation(marker->data + 6, marker->data_length - 6);
      break;
    }
  }
  return end(decoder, 0);
}

/// Turns CMYK into RGB; Adobe's files hold the inks inverted.
static void from_inks(const uint8_t *inks, uint8_t *rgb, size_t width, int are_inverted) {
  for (size_t x = 0; x < width; x++) {
    unsigned black = are_inverted ? inks[4 * x + 3] : 255u - inks[4 * x + 3];
    for (int channel = 0; channel < 3; channel++) {
      unsigned ink = are_inverted ? inks[4 * x + channel] : 255u - inks[4 * x + channel];
      rgb[3 * x + channel] = (uint8_t)((ink * black + 127) / 255);
    }
  }
}

ic_status ic_jpeg_decode(const uint8_t *bytes, size_t count, uint32_t width, uint32_t height, uint32_t shrink,
                         uint8_t *rgb, ic_message *message) {
  struct decoder *decoder = create(message);
  if (!decoder) return ic_no_memory;
  int fault = setjmp(decoder->escape);
  if (fault) return end(decoder, fault);
  jpeg_create_decompress(&decoder->info);
  begin(decoder, bytes, count);
  struct jpeg_decompress_struct *info = &decoder->info;
  int has_inks = info->jpeg_color_space == JCS_CMYK || info->jpeg_color_space == JCS_YCCK;
  info->out_color_space = has_inks ? JCS_CMYK : JCS_RGB;
  info->scale_num = 1;
  info->scale_denom = shrink;
  // The slow transform is exact enough to be the same in every build of the library.
  info->dct_method = JDCT_ISLOW;
  jpeg_start_decompress(info);
  size_t columns = (width + shrink - 1) / shrink, rows = (height + shrink - 1) / shrink;
  if (info->output_width != columns || info->output_height != rows) {
    snprintf(message->text, sizeof message->text, "the size is not the header's");
    return end(decoder, 1);
  }
  int is_short = lacks_scans(info);
  JSAMPARRAY inks =
      has_inks ? info->mem->alloc_sarray((j_common_ptr)info, JPOOL_IMAGE, 4 * (JDIMENSION)columns, 1) : NULL;
  while (info->output_scanline < rows) {
    uint8_t *target = rgb + 3 * columns * info->output_scanline;
    JSAMPROW row = has_inks ? inks[0] : target;
    jpeg_read_scanlines(info, &row, 1);
    if (has_inks) from_inks(row, target, columns, info->saw_Adobe_marker);
  }
  jpeg_finish_decompress(info);
  if (decoder->lacks_end && is_short) {
    snprintf(message->text, sizeof message->text, "it is cut short");
    return end(decoder, 1);
  }
  return end(decoder, 0);
}

struct encoder {
  struct jpeg_compress_struct info;
  struct jpeg_error_mgr error;
  jmp_buf escape;
};

static void stop(j_common_ptr info) {
  struct encoder *encoder = info->client_data;
  longjmp(encoder->escape, 1);
}

ic_status ic_jpeg_encode(const uint8_t *rgb, uint32_t width, uint32_t height, int32_t quality, uint8_t **bytes,
                         size_t *count) {
  struct encoder encoder;
  memset(&encoder, 0, sizeof encoder);
  unsigned char *made = NULL;
  unsigned long size = 0;
  encoder.info.err = jpeg_std_error(&encoder.error);
  encoder.error.error_exit = stop;
  encoder.error.output_message = be_silent;
  encoder.info.client_data = &encoder;
  if (setjmp(encoder.escape)) {
    jpeg_destroy_compress(&encoder.info);
    return ic_no_memory;
  }
  jpeg_create_compress(&encoder.info);
  jpeg_mem_dest(&encoder.info, &made, &size);
  encoder.info.image_width = width;
  encoder.info.image_height = height;
  encoder.info.input_components = 3;
  encoder.info.in_color_space = JCS_RGB;
  jpeg_set_defaults(&encoder.info);
  jpeg_set_quality(&encoder.info, quality, TRUE);
  jpeg_start_compress(&encoder.info, TRUE);
  while (encoder.info.next_scanline < height) {
    JSAMPROW row = (JSAMPROW)(rgb + (size_t)encoder.info.next_scanline * width * 3);
    jpeg_write_scanlines(&encoder.info, &row, 1);
  }
  jpeg_finish_compress(&encoder.info);
  jpeg_destroy_compress(&encoder.info);
  *bytes = made;
  *count = size;
  return ic_good;
}
