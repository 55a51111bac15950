-- The token buckets of one key: takes permits from all of them, or from none.
-- KEYS[1]: the key. ARGV: permits; now in microseconds, or '' for the server's clock; then for each limit: permits in a period,
-- the period in microseconds, size of the bucket.
-- State: doubles, little-endian: the time that it is of, then the tokens of each bucket. No state: all buckets are full.
-- Returns: 1 or 0; size and tokens of the bucket nearest to empty; microseconds to wait, -1 for never; until that bucket is full.
local permits = tonumber(ARGV[1])
local now
if ARGV[2] == '' then
  local time = redis.call('TIME')
  now = tonumber(time[1]) * 1000000 + tonumber(time[2])
else
  now = tonumber(ARGV[2])
end
local n = (#ARGV - 2) / 3
local state = redis.call('GET', KEYS[1])
local known = state and #state == 8 * (n + 1)
local then_ = known and struct.unpack('<d', state) or now
-- A clock that went back, as after a fail-over to a server that is behind, refills nothing until it has caught up.
local elapsed = math.max(0, now - then_)
local at = math.max(now, then_)
local tokens = {}
local wait = 0
local allowed = 1
for i = 1, n do
  local rate = tonumber(ARGV[3 * i]) / tonumber(ARGV[3 * i + 1])
  local size = tonumber(ARGV[3 * i + 2])
  tokens[i] = known and math.min(size, struct.unpack('<d', state, 8 * i + 1) + elapsed * rate) or size
  if tokens[i] < permits then
    allowed = 0
    if permits > size then
      wait = -1
    elseif wait >= 0 then
      wait = math.max(wait, math.ceil((permits - tokens[i]) / rate))
    end
  end
end
local least, full = 1, 0
for i = 1, n do
  if allowed == 1 then
    tokens[i] = tokens[i] - permits
  end
  if tokens[i] < tokens[least] then
    least = i
  end
  full = math.max(full, (tonumber(ARGV[3 * i + 2]) - tokens[i]) * tonumber(ARGV[3 * i + 1]) / tonumber(ARGV[3 * i]))
end
if allowed == 1 then
  local bytes = struct.pack('<d', at)
  for i = 1, n do
    bytes = bytes .. struct.pack('<d', tokens[i])
  end
  redis.call('SET', KEYS[1], bytes, 'PX', math.ceil(full / 1000) + 1000)
end
local size = tonumber(ARGV[3 * least + 2])
local reset = math.ceil((size - tokens[least]) * tonumber(ARGV[3 * least + 1]) / tonumber(ARGV[3 * least]))
return {allowed, size, math.floor(tokens[least]), wait, reset}
