// Base64 (RFC 4648): the plain alphabet with padding, and the URL alphabet without it, as tokens and keys are
// written.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace odordiff {

std::string base64_encoded(std::string_view bytes);

std::string base64url_encoded(std::string_view bytes);
// Nothing unless `text` is exactly what base64url_encoded() writes: no padding, no white space, no spare
// bits.
std::optional<std::string> base64url_decoded(std::string_view text);

}  // namespace odordiff
