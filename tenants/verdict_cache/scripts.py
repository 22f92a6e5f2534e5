"""The three scripts that run inside Redis, each a single step that nothing can come between. Times are Redis' own, in microseconds.

Entries look like `{"v":VERSION,"at":LOADED,"facts":{…}}`; version 0 marks a dropped entry, which keeps older copies out for a while.
`since` says from when on this enterprise's entries are known to be complete: whatever was read before it may have missed an emptying.
A value of another type or shape is nobody's: it is read as none, and replaced by such a mark before anything is kept in its place,
because nobody knows what it has been.
"""

_COMMON = """
local prefix = ARGV[1]
local function get(name)
  local value = redis.pcall('GET', prefix .. name)
  if type(value) == 'string' then return value end
  return type(value) == 'table' and '?' or nil
end
local function now_us()
  local time = redis.call('TIME')
  return time[1] * 1000000 + time[2]
end
local function keep(name, value, ttl)
  redis.call('SET', prefix .. name, value, 'PX', ttl)
end
local function drop(name, at)
  keep(name, string.format('{"v":0,"at":%.0f}', at), 60000)
end
"""

# ARGV: prefix, then names. Answers the time and a value (or nothing) for each; a pointer is followed to its cylinder.
LOOK = (
    _COMMON
    + """
local now = now_us()
local since = tonumber(get('since') or '')
if not since or since > now then keep('since', string.format('%.0f', now), 3600000) end
local answer = {now}
for i = 2, #ARGV do
  local name = ARGV[i]
  if string.sub(name, 1, 6) == 'label:' or string.sub(name, 1, 4) == 'uid:' then
    local id = get(name)
    name = id and string.match(id, '^[0-9a-f%-]+$') and ('c:' .. id)
  end
  answer[i] = name and get(name) or false
end
return answer
"""
)

# ARGV: prefix, name, version, loaded, value, lifetime in ms, greatest age in µs, what pointers hold, then the pointers' names.
KEEP = (
    _COMMON
    + """
local name, version, loaded = ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4])
local now, since = now_us(), tonumber(get('since') or '')
if not since or loaded < since or loaded > now or now - loaded > tonumber(ARGV[7]) then return 'late' end
local there = get(name)
if there then
  local its_version, its_load = string.match(there, '^{"v":(%d+),"at":(%d+)')
  its_version, its_load = tonumber(its_version or '0'), tonumber(its_load or string.format('%.0f', now))
  if its_version == 0 and its_load >= loaded then
    drop(name, its_load)
    return 'late'
  end
  if its_version > version or (its_version == version and its_load >= loaded) then return 'older' end
end
keep(name, ARGV[5], ARGV[6])
for i = 9, #ARGV do keep(ARGV[i], ARGV[8], ARGV[6]) end
return 'kept'
"""
)

# ARGV: prefix, then names. Leaves a mark that outlives every copy on its way.
DROP = (
    _COMMON
    + """
local now = now_us()
for i = 2, #ARGV do drop(ARGV[i], now) end
return #ARGV - 1
"""
)
