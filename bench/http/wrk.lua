-- wrk -s wrk.lua URL -- FOLDER COUNT: posts the bodies FOLDER/0 .. FOLDER/COUNT-1 in turn, with the headers in
-- FOLDER/headers (one "Name: value" a line), and prints the result as one line of JSON.

local requests = {}
local next_request = 0

function init(args)
  local folder, count = args[1], tonumber(args[2])
  wrk.method = "POST"
  for line in io.lines(folder .. "/headers") do
    local name, value = line:match("^([^:]+): (.*)$")
    wrk.headers[name] = value
  end
  for i = 0, count - 1 do
    local file = assert(io.open(folder .. "/" .. i, "rb"))
    wrk.body = file:read("*a")
    file:close()
    requests[i] = wrk.format()
  end
end

function request()
  local current = requests[next_request]
  next_request = (next_request + 1) % (#requests + 1)
  return current
end

function done(summary, latency)
  local e = summary.errors
  io.write(string.format(
    'RESULT {"requests":%d,"seconds":%.6f,"errors":{"connect":%d,"read":%d,"write":%d,"status":%d,"timeout":%d},' ..
    '"latencyMs":{"p50":%.4f,"p90":%.4f,"p99":%.4f,"max":%.4f}}\n',
    summary.requests, summary.duration / 1e6, e.connect, e.read, e.write, e.status, e.timeout,
    latency:percentile(50) / 1e3, latency:percentile(90) / 1e3, latency:percentile(99) / 1e3, latency.max / 1e3))
end
