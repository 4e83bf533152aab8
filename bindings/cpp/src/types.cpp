// SPDX-License-Identifier: Apache-2.0

#include <set>
#include <string>

#include <google/protobuf/message.h>
#include <google/protobuf/util/json_util.h>
#include <google/protobuf/util/message_differencer.h>

#include <mesos/http.hpp>
#include <mesos/type_utils.hpp>

#include <mesos/v1/mesos.hpp>

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::util::MessageDifferencer;

using std::string;

namespace mesos {
namespace internal {

namespace {

/// Whether there is no meaning in the order of a list.
bool isUnordered(const FieldDescriptor& field)
{
  static const char* const names[] = {
    "Labels.labels",
    "Environment.variables",
    "CommandInfo.uris",
    "FrameworkInfo.roles",
    "FrameworkInfo.capabilities",
    "MasterInfo.capabilities",
    "TaskInfo.resources",
    "ExecutorInfo.resources",
    "SlaveInfo.resources",
    "AgentInfo.resources",
    "SlaveInfo.attributes",
    "AgentInfo.attributes",
  };
  for (const string package : {"mesos.", "mesos.v1."}) {
    for (const char* name : names) {
      if (field.full_name() == package + name) {
        return true;
      }
    }
  }
  return false;
}

void treatAsSets(
    const google::protobuf::Descriptor& type,
    MessageDifferencer& differencer,
    std::set<const google::protobuf::Descriptor*>& seen)
{
  if (!seen.insert(&type).second) {
    return;
  }
  for (int i = 0; i < type.field_count(); i++) {
    const FieldDescriptor& field = *type.field(i);
    if (isUnordered(field)) {
      differencer.TreatAsSet(&field);
    }
    if (field.message_type() != nullptr) {
      treatAsSets(*field.message_type(), differencer, seen);
    }
  }
}

} // namespace {

bool equal(const Message& left, const Message& right)
{
  MessageDifferencer differencer;
  std::set<const google::protobuf::Descriptor*> seen;
  treatAsSets(*left.GetDescriptor(), differencer, seen);
  return differencer.Compare(left, right);
}

std::ostream& print(std::ostream& stream, const Message& message)
{
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  string text;
  const auto status =
    google::protobuf::util::MessageToJsonString(message, &text, options);
  return stream << (status.ok() ? text : message.ShortDebugString());
}

string hyphenated(const string& bytes)
{
  static const char digits[] = "0123456789abcdef";
  string text;
  for (size_t i = 0; i < bytes.size(); i++) {
    if (bytes.size() == 16 && (i == 4 || i == 6 || i == 8 || i == 10)) {
      text += '-';
    }
    const unsigned char byte = static_cast<unsigned char>(bytes[i]);
    text += digits[byte >> 4];
    text += digits[byte & 15];
  }
  return text;
}

} // namespace internal {

std::ostream& operator<<(std::ostream& stream, ContentType contentType)
{
  switch (contentType) {
    case ContentType::PROTOBUF:
      return stream << APPLICATION_PROTOBUF;
    case ContentType::JSON:
      return stream << APPLICATION_JSON;
    case ContentType::RECORDIO:
      return stream << APPLICATION_RECORDIO;
  }
  return stream;
}

#define MESOS_AGENT_INFO SlaveInfo
#include "types.ipp"
#undef MESOS_AGENT_INFO

namespace v1 {

#define MESOS_AGENT_INFO AgentInfo
#include "types.ipp"
#undef MESOS_AGENT_INFO

} // namespace v1 {
} // namespace mesos {
