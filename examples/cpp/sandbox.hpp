// SPDX-License-Identifier: Apache-2.0

// Where a task's output is, as the agent tells, and what it says.

#ifndef SANDBOX_HPP
#define SANDBOX_HPP

#include <fstream>
#include <sstream>
#include <stdexcept>
#include <string>

#include <netdb.h>
#include <sys/socket.h>
#include <unistd.h>

#include <google/protobuf/struct.pb.h>
#include <google/protobuf/util/json_util.h>

#include <mesos/mesos.hpp>

/// The body of the answer to a GET.
inline std::string get(const mesos::Address& server, const std::string& path)
{
  addrinfo hints = {};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const std::string port = std::to_string(server.port());
  if (getaddrinfo(server.ip().c_str(), port.c_str(), &hints, &found) != 0) {
    throw std::runtime_error("no address is " + server.ip());
  }
  const int fd = socket(found->ai_family, SOCK_STREAM, 0);
  const bool connected =
    fd >= 0 && connect(fd, found->ai_addr, found->ai_addrlen) == 0;
  freeaddrinfo(found);
  const std::string request =
    "GET " + path + " HTTP/1.0\r\nHost: " + server.ip() + "\r\n\r\n";
  std::string answer;
  if (connected &&
      write(fd, request.data(), request.size()) == ssize_t(request.size())) {
    char buffer[4096];
    for (ssize_t n; (n = read(fd, buffer, sizeof(buffer))) > 0;) {
      answer.append(buffer, n);
    }
  }
  if (fd >= 0) {
    close(fd);
  }
  const size_t head = answer.find("\r\n\r\n");
  if (head == std::string::npos) {
    throw std::runtime_error("no answer from " + server.ip() + ":" + port);
  }
  return answer.substr(head + 4);
}

/// What a command task has printed; for tasks on this machine.
///
/// The agent may not have heard of the task's end yet, so all it knows is searched.
inline std::string outputOf(
    const mesos::Address& agent,
    const std::string& frameworkId,
    const std::string& taskId)
{
  google::protobuf::Struct state;
  if (!google::protobuf::util::JsonStringToMessage(get(agent, "/state"), &state)
         .ok()) {
    throw std::runtime_error("the agent's state is no JSON");
  }
  for (const char* frameworks : {"frameworks", "completed_frameworks"}) {
    for (const auto& one : state.fields().at(frameworks).list_value().values()) {
      const auto& framework = one.struct_value().fields();
      if (framework.at("id").string_value() != frameworkId) {
        continue;
      }
      for (const char* executors : {"executors", "completed_executors"}) {
        for (const auto& two : framework.at(executors).list_value().values()) {
          const auto& executor = two.struct_value().fields();
          if (executor.at("id").string_value() == taskId) {
            std::ifstream file(
                executor.at("directory").string_value() + "/stdout");
            std::stringstream text;
            text << file.rdbuf();
            return text.str();
          }
        }
      }
    }
  }
  throw std::runtime_error("the agent does not know the task " + taskId);
}

#endif // SANDBOX_HPP
