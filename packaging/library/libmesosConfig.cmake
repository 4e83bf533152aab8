# SPDX-License-Identifier: Apache-2.0
#
# libmesos::shared  libmesos.so
# libmesos::static  libmesos.a

get_filename_component(_libmesos_prefix "${CMAKE_CURRENT_LIST_DIR}/../../.." ABSOLUTE)

if(NOT TARGET libmesos::shared)
  add_library(libmesos::shared SHARED IMPORTED)
  set_target_properties(libmesos::shared PROPERTIES
    IMPORTED_LOCATION "${_libmesos_prefix}/lib/libmesos.so"
    IMPORTED_SONAME libmesos.so
    INTERFACE_INCLUDE_DIRECTORIES "${_libmesos_prefix}/include")

  add_library(libmesos::static STATIC IMPORTED)
  set_target_properties(libmesos::static PROPERTIES
    IMPORTED_LOCATION "${_libmesos_prefix}/lib/libmesos.a"
    INTERFACE_INCLUDE_DIRECTORIES "${_libmesos_prefix}/include"
    INTERFACE_LINK_LIBRARIES "gcc_s;util;rt;pthread;m;dl")
endif()

unset(_libmesos_prefix)
