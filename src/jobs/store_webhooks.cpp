// The store's side of webhooks: what is to be told follows from what has ended, so that nothing is forgotten.
#include "jobs/status_row.h"
#include "jobs/store.h"

namespace odordiff::jobs {

std::vector<Status> Store::due_webhooks(int limit, const std::function<bool(const Status&)>& takes) {
  const std::lock_guard lock(read_mutex_);
  Statement row(*reader_,
                select_status("WHERE next_ms <= ? AND state <> 0 ORDER BY next_ms, number").c_str());
  row.bind(now_ms());
  std::vector<Status> due;
  while (due.size() < static_cast<std::size_t>(limit) && row.step()) {
    Status status = read_status(row, options_.retain_ms);
    if (takes(status)) due.push_back(std::move(status));
  }
  return due;
}

void Store::note_webhook(std::string_view id, bool delivered, std::optional<std::int64_t> next_ms) {
  const std::lock_guard lock(write_mutex_);
  Transaction transaction(writer_);
  Statement(writer_,
            "UPDATE webhooks SET attempts = attempts + 1, delivered = ?, next_ms = ? "
            "WHERE job = (SELECT number FROM jobs WHERE id = ?)")
      .bind(delivered ? 1 : 0, delivered ? std::nullopt : next_ms, id)
      .run();
  transaction.commit();
}

}  // namespace odordiff::jobs
