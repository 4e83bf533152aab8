// SPDX-License-Identifier: Apache-2.0

// Drivers that cannot start.

#include <exception>
#include <map>
#include <sstream>
#include <stdexcept>
#include <string>
#include <vector>

#include <stdlib.h>

#include <mesos/executor.hpp>
#include <mesos/scheduler.hpp>

#include "check.hpp"

using namespace mesos;

using std::string;

class Framework : public Scheduler
{
public:
  /// What `error` does besides.
  void (*fail)(const string&) = nullptr;

  std::vector<string> errors;

  void error(SchedulerDriver*, const string& message) override
  {
    errors.push_back(message);
    if (fail != nullptr) {
      fail(message);
    }
  }

  void registered(SchedulerDriver*, const FrameworkID&, const MasterInfo&)
    override
  {}
  void reregistered(SchedulerDriver*, const MasterInfo&) override {}
  void disconnected(SchedulerDriver*) override {}
  void resourceOffers(SchedulerDriver*, const std::vector<Offer>&) override {}
  void offerRescinded(SchedulerDriver*, const OfferID&) override {}
  void statusUpdate(SchedulerDriver*, const TaskStatus&) override {}
  void frameworkMessage(
      SchedulerDriver*, const ExecutorID&, const SlaveID&, const string&)
    override
  {}
  void slaveLost(SchedulerDriver*, const SlaveID&) override {}
  void executorLost(
      SchedulerDriver*, const ExecutorID&, const SlaveID&, int) override
  {}
};

class Program : public Executor
{
public:
  std::vector<string> errors;

  void error(ExecutorDriver*, const string& message) override
  {
    errors.push_back(message);
  }

  void registered(
      ExecutorDriver*,
      const ExecutorInfo&,
      const FrameworkInfo&,
      const SlaveInfo&) override
  {}
  void reregistered(ExecutorDriver*, const SlaveInfo&) override {}
  void disconnected(ExecutorDriver*) override {}
  void launchTask(ExecutorDriver*, const TaskInfo&) override {}
  void killTask(ExecutorDriver*, const TaskID&) override {}
  void frameworkMessage(ExecutorDriver*, const string&) override {}
  void shutdown(ExecutorDriver*) override {}
};

FrameworkInfo info()
{
  FrameworkInfo framework;
  framework.set_user("");
  framework.set_name("drivers");
  return framework;
}

// A master that is no text.
const char* const NO_TEXT = "\xff";

void a_scheduler_driver_that_is_none_says_so_once()
{
  Framework framework;
  MesosSchedulerDriver driver(&framework, info(), NO_TEXT);
  EXPECT_EQ(DRIVER_NOT_STARTED, driver.killTask(TaskID()));
  EXPECT_EQ(DRIVER_NOT_STARTED, driver.join());
  EXPECT_EQ(DRIVER_NOT_STARTED, driver.stop());
  EXPECT_EQ(DRIVER_NOT_STARTED, driver.abort());
  EXPECT(framework.errors.empty());
  EXPECT_EQ(DRIVER_ABORTED, driver.start());
  EXPECT_EQ(1u, framework.errors.size());
  EXPECT(!framework.errors[0].empty());
  EXPECT_EQ(DRIVER_ABORTED, driver.start());
  EXPECT_EQ(DRIVER_ABORTED, driver.run());
  EXPECT_EQ(DRIVER_ABORTED, driver.reviveOffers());
  EXPECT_EQ(DRIVER_ABORTED, driver.stop());
  EXPECT_EQ(DRIVER_STOPPED, driver.stop());
  EXPECT_EQ(DRIVER_STOPPED, driver.start());
  EXPECT_EQ(1u, framework.errors.size());
}

void an_executor_driver_that_is_none_says_so_once()
{
  Program program;
  const std::map<string, string> environment = {{"MESOS_SLAVE_PID", NO_TEXT}};
  MesosExecutorDriver driver(&program, environment);
  EXPECT_EQ(DRIVER_NOT_STARTED, driver.sendFrameworkMessage("data"));
  EXPECT_EQ(DRIVER_NOT_STARTED, driver.join());
  EXPECT_EQ(DRIVER_ABORTED, driver.run());
  EXPECT_EQ(1u, program.errors.size());
  EXPECT_EQ(DRIVER_ABORTED, driver.start());
  EXPECT_EQ(DRIVER_ABORTED, driver.stop());
  EXPECT_EQ(DRIVER_STOPPED, driver.join());
  EXPECT_EQ(1u, program.errors.size());
}

void throwError(const string& message)
{
  throw std::logic_error(message);
}

class Speechless : public std::exception
{
public:
  const char* what() const noexcept override { return nullptr; }
};

void throwSpeechless(const string&)
{
  throw Speechless();
}

void what_error_throws_when_a_driver_cannot_start_is_thrown_once()
{
  for (const char* master : {NO_TEXT, "no master"}) {
    Framework framework;
    framework.fail = throwError;
    MesosSchedulerDriver driver(&framework, info(), master);
    bool thrown = false;
    try {
      driver.start();
    } catch (const std::logic_error&) {
      thrown = true;
    }
    EXPECT(thrown);
    EXPECT_EQ(DRIVER_ABORTED, driver.start());
    EXPECT_EQ(DRIVER_ABORTED, driver.join());
    EXPECT_EQ(1u, framework.errors.size());
  }
}

/// What is printed to stderr while this lives.
class Printed
{
public:
  Printed() : before(std::cerr.rdbuf(buffer.rdbuf())) {}
  ~Printed() { std::cerr.rdbuf(before); }

  string text() const { return buffer.str(); }

private:
  std::ostringstream buffer;
  std::streambuf* before;
};

/// Lets an `error` throw, and gives what is printed meanwhile.
string printedWhenErrorThrows(void (*fail)(const string&) = throwError)
{
  const Printed printed;
  Framework framework;
  framework.fail = fail;
  MesosSchedulerDriver driver(&framework, info(), "no master");
  try {
    driver.start();
  } catch (const std::exception&) {
  }
  return printed.text();
}

void what_is_thrown_is_told_on_stderr_too_unless_that_is_unwanted()
{
  unsetenv("MESOS_QUIET");
  const string told = printedWhenErrorThrows();
  const string start = "mesos: a callback has thrown std::logic_error: ";
  const string end = "; its driver is aborted\n";
  EXPECT_EQ(start, told.substr(0, start.size()));
  EXPECT(told.size() > start.size() + end.size());
  EXPECT_EQ(end, told.substr(told.size() - end.size()));
  EXPECT_EQ(
      "mesos: a callback has thrown Speechless; its driver is aborted\n",
      printedWhenErrorThrows(throwSpeechless));
  for (const char* quiet : {"", "1", "true"}) {
    setenv("MESOS_QUIET", quiet, 1);
    EXPECT_EQ("", printedWhenErrorThrows());
  }
  unsetenv("MESOS_QUIET");
  for (const char* quiet : {"0", "false"}) {
    setenv("MESOS_INITIALIZE_DRIVER_LOGGING", quiet, 1);
    EXPECT_EQ("", printedWhenErrorThrows());
  }
  setenv("MESOS_INITIALIZE_DRIVER_LOGGING", "true", 1);
  EXPECT_EQ(told, printedWhenErrorThrows());
  unsetenv("MESOS_INITIALIZE_DRIVER_LOGGING");
}

void nobody_to_call_back_is_told_on_stderr_once()
{
  Printed printed;
  MesosSchedulerDriver scheduler(nullptr, info(), "127.0.0.1:1");
  MesosExecutorDriver executor(nullptr);
  EXPECT_EQ(DRIVER_NOT_STARTED, scheduler.reviveOffers());
  EXPECT_EQ("", printed.text());
  EXPECT_EQ(DRIVER_ABORTED, scheduler.start());
  EXPECT_EQ(DRIVER_ABORTED, scheduler.run());
  EXPECT_EQ(DRIVER_ABORTED, scheduler.join());
  EXPECT_EQ(
      "mesos: the driver's scheduler is a null pointer\n", printed.text());
  EXPECT_EQ(DRIVER_ABORTED, executor.run());
  EXPECT_EQ(
      "mesos: the driver's scheduler is a null pointer\n"
      "mesos: the driver's executor is a null pointer\n",
      printed.text());
}

int main()
{
  a_scheduler_driver_that_is_none_says_so_once();
  an_executor_driver_that_is_none_says_so_once();
  what_error_throws_when_a_driver_cannot_start_is_thrown_once();
  what_is_thrown_is_told_on_stderr_too_unless_that_is_unwanted();
  nobody_to_call_back_is_told_on_stderr_once();
  std::cout << "all is well" << std::endl;
  return 0;
}
