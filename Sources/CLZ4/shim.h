// The LZ4 frame API; the version macro becomes a constant.
#ifndef CLZ4_SHIM_H
#define CLZ4_SHIM_H

#include <lz4frame.h>

static const unsigned clz4_frame_version = LZ4F_VERSION;

#endif
