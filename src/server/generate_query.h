// What is asked of GET /v1/generate, and which members of molecules a client wants: the parameters of
// /v1/generate's target.
#pragma once

#include <string>
#include <vector>

#include "generate/pipeline.h"
#include "server/json.h"
#include "server/query.h"

namespace odordiff::server {

// The request that "brief=fresh+rose&count=3&logp=1.5:4" asks for: the members of POST /v1/generate's body,
// ranges as LOW:HIGH with either end left out. Calls query.done(). Throws ProblemError, api::InvalidFields.
generate::Request read_generate_query(Query& query);

// The members of a molecule that "fields=smiles,score" names; all of them without it.
class MemberChoice {
 public:
  // Takes `fields`; what is wrong is remembered by `query`.
  explicit MemberChoice(Query& query);

  bool is_all() const { return names_.empty(); }
  // For cache keys.
  const std::string& text() const { return text_; }
  // The molecule without what was not chosen.
  Json of(const Json& molecule) const;

 private:
  std::string text_;
  std::vector<std::string> names_;
};

}  // namespace odordiff::server
