// Base64 with the URL alphabet and without padding (RFC 4648, 5), as tokens and keys are written.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace odordiff::server {

std::string base64url_encoded(std::string_view bytes);

// Nothing unless `text` is exactly what base64url_encoded() writes: no padding, no white space, no spare
// bits.
std::optional<std::string> base64url_decoded(std::string_view text);

}  // namespace odordiff::server
