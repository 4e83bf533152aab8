// SPDX-License-Identifier: Apache-2.0

#ifndef __MESOS_HTTP_HPP__
#define __MESOS_HTTP_HPP__

#include <iosfwd>

namespace mesos {

const char APPLICATION_PROTOBUF[] = "application/x-protobuf";
const char APPLICATION_JSON[] = "application/json";
const char APPLICATION_RECORDIO[] = "application/recordio";
const char MESSAGE_CONTENT_TYPE[] = "Message-Content-Type";
const char MESSAGE_ACCEPT[] = "Message-Accept";

/// How calls and events are written on the way.
enum class ContentType
{
  PROTOBUF,
  JSON,
  RECORDIO
};

std::ostream& operator<<(std::ostream& stream, ContentType contentType);

} // namespace mesos {

#endif // __MESOS_HTTP_HPP__
