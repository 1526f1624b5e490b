// Messages that Celery workers take out of Redis, and the results that they put there: Celery's message
// protocol 2 (docs.celeryq.dev, "Message Protocol") in the envelope of kombu's Redis transport, version 5,
// as our workers take them (docs/celery.md, "For senders without Celery").
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace odordiff::fleet {

struct CeleryTask {
  std::string name;      // "odordiff.answer_prompt"
  std::string id;        // a UUID
  std::string argument;  // the only one, a text
  std::string origin;    // who sends it: "odordiff@host"
  std::string queue;
  int priority = 0;  // 0-9, 0 first, as kombu has it for Redis
  // Of model::Identity: a worker of another one refuses the task. Empty: any will do.
  std::string model_digest = {}, precision = {};
};

// The element of the list that celery_list() names. `delivery_tag`: a text that no other message has.
std::string celery_message(const CeleryTask& task, const std::string& delivery_tag);

// The task that a message in such a list is of; empty for what is no such message.
std::string celery_task_id(const std::string& message);

// kombu keeps each queue in one list for each priority.
std::string celery_list(const std::string& queue, int priority);

// A UUID made of the SHA-256 of `name`: equal names, equal tasks.
std::string task_id_of(std::string_view name);

// The key of a task's result, which is also the channel that it is announced on.
std::string celery_result_key(const std::string& task_id);

struct CeleryResult {
  enum class State { Waiting, Done, Failed };  // Waiting: also at work, or about to be tried again
  State state = State::Waiting;
  std::string text;        // Done: what the task returned; Failed: what went wrong
  std::string error_type;  // Failed: the exception's class
};
// Of a result in MessagePack or JSON, of a task that returns a text. Nothing for bytes that are no such
// result.
std::optional<CeleryResult> read_celery_result(const std::string& bytes);

}  // namespace odordiff::fleet
