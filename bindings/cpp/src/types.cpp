// SPDX-License-Identifier: Apache-2.0

#include <initializer_list>
#include <string>
#include <vector>

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>
#include <google/protobuf/util/json_util.h>
#include <google/protobuf/util/message_differencer.h>

#include <mesos/http.hpp>
#include <mesos/resources.hpp>
#include <mesos/type_utils.hpp>

#include <mesos/v1/mesos.hpp>
#include <mesos/v1/resources.hpp>

using google::protobuf::DescriptorPool;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::util::MessageDifferencer;

using std::string;

namespace mesos {
namespace internal {

namespace {

typedef std::vector<const FieldDescriptor*> Fields;

/// The lists in whose order there is no meaning.
const Fields& unordered()
{
  static const Fields fields = [] {
    static const char* const names[] = {
      "Labels.labels",
      "Environment.variables",
      "CommandInfo.uris",
      "ContainerInfo.volumes",
      "ContainerInfo.DockerInfo.port_mappings",
      "ContainerInfo.DockerInfo.parameters",
      "CSIPluginContainerInfo.services",
      "FrameworkInfo.roles",
      "FrameworkInfo.capabilities",
      "MasterInfo.capabilities",
      "Ports.ports",
      "ResourceProviderInfo.attributes",
      "TaskGroupInfo.tasks",
      "TaskInfo.resources",
      "ExecutorInfo.resources",
      "SlaveInfo.attributes",
      "AgentInfo.attributes",
    };
    const DescriptorPool& pool = *DescriptorPool::generated_pool();
    Fields found;
    for (const string package : {"mesos.", "mesos.v1."}) {
      for (const char* name : names) {
        // The agent's have another name in each.
        const FieldDescriptor* field = pool.FindFieldByName(package + name);
        if (field != nullptr) {
          found.push_back(field);
        }
      }
    }
    return found;
  }();
  return fields;
}

bool compare(
    const Message& left,
    const Message& right,
    MessageDifferencer::MessageFieldComparison unset,
    std::initializer_list<const FieldDescriptor*> ignored)
{
  MessageDifferencer differencer;
  differencer.set_message_field_comparison(unset);
  for (const FieldDescriptor* field : unordered()) {
    differencer.TreatAsSet(field);
  }
  for (const FieldDescriptor* field : ignored) {
    differencer.IgnoreField(field);
  }
  return differencer.Compare(left, right);
}

} // namespace {

bool equal(
    const Message& left,
    const Message& right,
    std::initializer_list<const FieldDescriptor*> ignored = {})
{
  return compare(left, right, MessageDifferencer::EQUIVALENT, ignored);
}

bool identical(const Message& left, const Message& right)
{
  return compare(left, right, MessageDifferencer::EQUAL, {});
}

/// Of two frameworks; not even `labels` may be in another order, as a master's answers show it.
template <typename FrameworkInfo>
bool equivalent(
    const FrameworkInfo& left, const FrameworkInfo& right, string* differences)
{
  MessageDifferencer differencer;
  for (const char* name : {"roles", "capabilities"}) {
    differencer.TreatAsSet(FrameworkInfo::descriptor()->FindFieldByName(name));
  }
  if (differences != nullptr) {
    differencer.ReportDifferencesToString(differences);
  }
  return differencer.Compare(left, right);
}

template <typename Type>
const FieldDescriptor* field(const char* name)
{
  return Type::descriptor()->FindFieldByName(name);
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
