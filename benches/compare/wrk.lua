-- Prints what was measured on one line, for `load.rs`; wrk itself prints no 99.9th percentile, and rounds the others.
--
-- wrk adds to the times it has measured: it supposes that on each connection a request was to begin every so many
-- microseconds, and for each time above twice that it adds those of the requests that should have begun meanwhile. Of requests
-- that are sent together it takes the time once, and supposes as many in its place. What it added is taken away again:
-- these are the times that clients waited.

local function measured(summary, latency)
   local apart = math.floor(summary.duration / math.floor(summary.requests / connections))
   local counts = {}
   for i = 1, #latency do
      local time, count = latency(i)
      counts[time] = count
   end
   -- From the longest down, since what a time has added are shorter ones.
   for time = latency.max, 2 * apart, -1 do
      local count = counts[time] or 0
      if count > 0 then
         for shorter = time - apart, apart + 1, -apart do
            if counts[shorter] then counts[shorter] = counts[shorter] - count end
         end
      end
   end
   return counts
end

local function percentiles(counts, longest, wanted)
   local all, found, seen = 0, {}, 0
   for _, count in pairs(counts) do all = all + count end
   for time = 0, longest do
      seen = seen + (counts[time] or 0)
      while #found < #wanted and seen >= wanted[#found + 1] * all do found[#found + 1] = time end
   end
   return found, all
end

done = function(summary, latency)
   local errors = summary.errors
   local times, all = {}, 0
   if summary.requests >= connections then
      times, all = percentiles(measured(summary, latency), latency.max, { 0.5, 0.99, 0.999 })
   end
   io.write(string.format(
      "measured requests=%d times=%d microseconds=%d p50=%d p99=%d p999=%d broken=%d refused=%d\n",
      summary.requests, all, summary.duration, times[1] or 0, times[2] or 0, times[3] or 0,
      errors.connect + errors.read + errors.write + errors.timeout, errors.status))
end
