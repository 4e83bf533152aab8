// SPDX-License-Identifier: Apache-2.0

// A framework of the v1 API with its executor, both in this program: v1 MASTER, or v1 executor

#include <condition_variable>
#include <future>
#include <iostream>
#include <memory>
#include <mutex>
#include <queue>
#include <stdexcept>
#include <string>

#include <limits.h>
#include <stdlib.h>

#include <mesos/v1/executor.hpp>
#include <mesos/v1/resources.hpp>
#include <mesos/v1/scheduler.hpp>

#include <stout/uuid.hpp>

#include "check.hpp"

using namespace mesos::v1;

using std::queue;
using std::string;

/// What the callbacks tell the main thread; the connection is set once there is one.
template <typename Mesos, typename Event>
class Inbox
{
public:
  void connected()
  {
    std::lock_guard<std::mutex> lock(mutex);
    isConnected = true;
    changed.notify_all();
  }

  void received(queue<Event> more)
  {
    std::lock_guard<std::mutex> lock(mutex);
    for (; !more.empty(); more.pop()) {
      events.push(more.front());
    }
    changed.notify_all();
  }

  void untilConnected()
  {
    std::unique_lock<std::mutex> lock(mutex);
    changed.wait(lock, [this] { return isConnected; });
  }

  Event next()
  {
    std::unique_lock<std::mutex> lock(mutex);
    changed.wait(lock, [this] { return !events.empty(); });
    const Event event = events.front();
    events.pop();
    return event;
  }

private:
  std::mutex mutex;
  std::condition_variable changed;
  bool isConnected = false;
  queue<Event> events;
};

namespace scheduling {

using scheduler::Call;
using scheduler::Event;

ExecutorInfo executorOf(const FrameworkID& framework, const char* program)
{
  char path[PATH_MAX];
  EXPECT(realpath(program, path) != nullptr);
  ExecutorInfo executor;
  executor.set_type(ExecutorInfo::CUSTOM);
  executor.mutable_executor_id()->set_value("executor");
  *executor.mutable_framework_id() = framework;
  executor.mutable_command()->set_value("'" + string(path) + "' executor");
  return executor;
}

Call accept(const Offer& offer, const ExecutorInfo& executor)
{
  Call call;
  *call.mutable_framework_id() = executor.framework_id();
  call.set_type(Call::ACCEPT);
  *call.mutable_accept()->add_offer_ids() = offer.id();
  Offer::Operation* operation = call.mutable_accept()->add_operations();
  operation->set_type(Offer::Operation::LAUNCH);
  TaskInfo* task = operation->mutable_launch()->add_task_infos();
  task->set_name("task");
  task->mutable_task_id()->set_value("task");
  *task->mutable_agent_id() = offer.agent_id();
  *task->mutable_executor() = executor;
  Resources needed = Resources::parse("cpus:0.1;mem:32").get();
  needed.allocate(offer.allocation_info().role());
  task->mutable_resources()->MergeFrom(needed);
  return call;
}

Call acknowledge(const FrameworkID& framework, const TaskStatus& status)
{
  Call call;
  *call.mutable_framework_id() = framework;
  call.set_type(Call::ACKNOWLEDGE);
  *call.mutable_acknowledge()->mutable_agent_id() = status.agent_id();
  *call.mutable_acknowledge()->mutable_task_id() = status.task_id();
  call.mutable_acknowledge()->set_uuid(status.uuid());
  return call;
}

/// Runs a task to its end.
void run(const string& master, mesos::ContentType type, const char* program)
{
  Inbox<scheduler::Mesos, Event> inbox;
  scheduler::Mesos mesos(
      master,
      type,
      [&] { inbox.connected(); },
      [] {},
      [&](const queue<Event>& events) { inbox.received(events); },
      None());
  inbox.untilConnected();

  Call subscribe;
  subscribe.set_type(Call::SUBSCRIBE);
  FrameworkInfo* info = subscribe.mutable_subscribe()->mutable_framework_info();
  info->set_user("root");
  info->set_name("v1 (C++)");
  info->add_roles("*");
  info->add_capabilities()->set_type(FrameworkInfo::Capability::MULTI_ROLE);
  mesos.send(subscribe);

  FrameworkID framework;
  bool launched = false;
  for (bool done = false; !done;) {
    const Event event = inbox.next();
    std::cout << event.type() << std::endl;
    if (event.type() == Event::SUBSCRIBED) {
      framework = event.subscribed().framework_id();
    } else if (event.type() == Event::OFFERS && !launched) {
      launched = true;
      mesos.send(accept(
          event.offers().offers(0), executorOf(framework, program)));
    } else if (event.type() == Event::UPDATE) {
      const TaskStatus& status = event.update().status();
      std::cout << status.state() << std::endl;
      const process::Future<scheduler::APIResult> answer =
        mesos.call(acknowledge(framework, status));
      EXPECT_EQ(202u, answer.get().status_code());
      done = status.state() == TASK_FINISHED;
      EXPECT(done || status.state() == TASK_RUNNING);
    } else if (event.type() == Event::ERROR) {
      throw std::runtime_error(event.error().message());
    }
  }

  Call wrong;
  *wrong.mutable_framework_id() = framework;
  wrong.set_type(Call::REVIVE);
  wrong.mutable_revive()->add_roles("not its role");
  const scheduler::APIResult refused = mesos.call(wrong).get();
  EXPECT(refused.status_code() >= 400 || refused.status_code() == 202);

  Call teardown;
  *teardown.mutable_framework_id() = framework;
  teardown.set_type(Call::TEARDOWN);
  // The stream ends with the framework, and may take the answer with it.
  const process::Future<scheduler::APIResult> ended = mesos.call(teardown);
  ended.await();
  EXPECT(ended.isFailed() || ended.get().status_code() == 202);
}

/// What waits for an answer may end the connection.
void endInAnAnswer(const string& master)
{
  Inbox<scheduler::Mesos, Event> inbox;
  auto mesos = std::make_unique<scheduler::Mesos>(
      master,
      mesos::ContentType::PROTOBUF,
      [&] { inbox.connected(); },
      [] {},
      [&](const queue<Event>& events) { inbox.received(events); },
      None());
  inbox.untilConnected();
  Call call;
  call.set_type(Call::REVIVE);
  call.mutable_framework_id()->set_value("nobody");
  const auto ended = std::make_shared<std::promise<void>>();
  mesos->call(call).onAny(
      [&mesos, ended](const process::Future<scheduler::APIResult>&) {
        mesos.reset();
        ended->set_value();
      });
  ended->get_future().wait();
}

} // namespace scheduling {

namespace executing {

using executor::Call;
using executor::Event;

string variable(const char* name)
{
  const char* value = getenv(name);
  EXPECT(value != nullptr);
  return value;
}

Call callOf(Call::Type type)
{
  Call call;
  call.set_type(type);
  call.mutable_framework_id()->set_value(variable("MESOS_FRAMEWORK_ID"));
  call.mutable_executor_id()->set_value(variable("MESOS_EXECUTOR_ID"));
  return call;
}

Call update(const TaskInfo& task, TaskState state)
{
  Call call = callOf(Call::UPDATE);
  TaskStatus* status = call.mutable_update()->mutable_status();
  *status->mutable_task_id() = task.task_id();
  status->set_state(state);
  status->set_source(TaskStatus::SOURCE_EXECUTOR);
  *status->mutable_executor_id() = call.executor_id();
  status->set_uuid(id::UUID::random().toBytes());
  return call;
}

void run()
{
  Inbox<executor::Mesos, Event> inbox;
  executor::Mesos mesos(
      mesos::ContentType::PROTOBUF,
      [&] { inbox.connected(); },
      [] {},
      [&](const queue<Event>& events) { inbox.received(events); });
  inbox.untilConnected();
  Call subscribe = callOf(Call::SUBSCRIBE);
  subscribe.mutable_subscribe();
  mesos.send(subscribe);
  for (int acknowledged = 0; acknowledged < 2;) {
    const Event event = inbox.next();
    if (event.type() == Event::LAUNCH) {
      mesos.send(update(event.launch().task(), TASK_RUNNING));
      mesos.send(update(event.launch().task(), TASK_FINISHED));
    } else if (event.type() == Event::ACKNOWLEDGED) {
      acknowledged++;
    } else if (event.type() == Event::SHUTDOWN) {
      return;
    }
  }
}

} // namespace executing {

int main(int argc, char** argv)
{
  if (argc != 2) {
    std::cerr << "usage: v1 MASTER | v1 executor" << std::endl;
    return 2;
  }
  try {
    if (string(argv[1]) == "executor") {
      executing::run();
    } else {
      scheduling::run(argv[1], mesos::ContentType::PROTOBUF, argv[0]);
      scheduling::run(argv[1], mesos::ContentType::JSON, argv[0]);
      scheduling::endInAnAnswer(argv[1]);
      std::cout << "all is well" << std::endl;
    }
  } catch (const std::exception& exception) {
    std::cerr << exception.what() << std::endl;
    return 1;
  }
  return 0;
}
