-- Sends one request over and over, each time for the next of a thread's codes.
--
--   wrk -s random.lua <url> -- <shape> <codes>
--
-- The shape is a whole request with CODE where the code belongs; thread n takes <codes>.<n>.

local threads = 0

function setup(thread)
  thread:set("number", threads)
  threads = threads + 1
end

function init(arguments)
  local file = assert(io.open(arguments[1], "rb"))
  local shape = file:read("*a")
  file:close()
  local at = shape:find("CODE", 1, true)
  before, after = shape, ""
  codes = { "" }
  if at then
    before, after = shape:sub(1, at - 1), shape:sub(at + 4)
    codes = {}
    for code in io.lines(arguments[2] .. "." .. number) do
      codes[#codes + 1] = code
    end
  end
  place = 0
end

function request()
  place = place % #codes + 1
  return before .. codes[place] .. after
end

-- Good answers a second, then those that were not good or did not come.
function done(summary)
  local errors = summary.errors
  local lost = errors.connect + errors.read + errors.write + errors.timeout
  local good = summary.requests - errors.status
  io.write(string.format("good %.0f bad %d\n", good / summary.duration * 1e6, errors.status + lost))
end
