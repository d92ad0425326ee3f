package parsers

import "bytes"

var _ = register(Parser{
	Name: "envoy-access",
	Doc: `Envoy and Istio access log, default text layout

https://www.envoyproxy.io/docs/envoy/latest/configuration/observability/access_log/usage
Istio adds details of the response and the addresses at the end. The error code
is what the response code details begin with.`,
	Layer: Gateway,
	First: "[",
	Order: 11,
	Parse: parseEnvoyAccess,
})

var _ = register(Parser{
	Name: "envoy",
	Doc: `Envoy's own log (spdlog)

[time][thread][level][logger] [file:line] message`,
	Layer: Gateway,
	First: "[",
	Order: 12,
	Parse: parseEnvoyLog,
})

// [2026-11-22T00:12:31.655Z] "GET /v1 HTTP/1.1" 401 - DETAILS - "TLS failure" 0 66 0 - "XFF" "UA" "REQUEST ID" "AUTHORITY" "UPSTREAM" ...
func parseEnvoyAccess(r *Record, s *Scratch) bool {
	t := r.Text
	if len(t) < 40 || t[5] != '-' || t[11] != 'T' {
		return false
	}
	when, n := s.ISO(t[1:])
	if n == 0 || !hasPrefix(t[n+1:], `] "`) {
		return false
	}
	// A path may hold a quote: the request ends where protocol and status follow.
	rest := t[n+4:]
	request, status, rest, ok := envoyRequest(rest)
	if !ok {
		return false
	}
	flags, rest := cutWord(rest)
	details, next := cutWord(rest)
	var failure []byte
	if len(details) > 0 && details[0] == '"' { // Istio before 1.9: "mixer status" "TLS failure"
		if _, next, ok = cutQuoted(rest); !ok || len(next) == 0 {
			return false
		}
		details = nil
		if failure, rest, ok = cutQuoted(next[1:]); !ok || len(rest) == 0 {
			return false
		}
		rest = rest[1:]
	} else if !isDigits(details) { // Istio
		rest = next
		_, rest = cutWord(rest) // connection termination details
		if failure, rest, ok = cutQuoted(rest); !ok || len(rest) == 0 {
			return false
		}
		rest = rest[1:]
	} else {
		details = nil
	}
	for range 4 { // bytes in and out, duration, time of the upstream
		_, rest = cutWord(rest)
	}
	forwarded, ok := envoyHeaders(r, rest)
	if !ok {
		return false
	}
	when.Set(r)
	r.Status = status
	r.setRequest(request)
	if details = dash(details); details != nil {
		r.Message = details
		r.Code = upTo(details, "{")
	}
	if failure = dash(failure); failure != nil {
		r.Message = failure
	}
	if flags = dash(flags); flags != nil {
		r.addAttr(responseFlags, flags)
		if r.Code == nil {
			r.Code = flags
		}
	}
	if r.Client == nil { // the hop that Envoy saw is the last in X-Forwarded-For
		if i := bytes.LastIndexByte(forwarded, ','); i >= 0 {
			forwarded = bytes.TrimLeft(forwarded[i+1:], " ")
		}
		r.setAddress(forwarded)
	}
	return true
}

var responseFlags = []byte("response_flags")

// envoyRequest cuts `METHOD PATH PROTOCOL" STATUS ` from b.
func envoyRequest(b []byte) (request []byte, status uint16, rest []byte, ok bool) {
	for i := 0; i < len(b); i++ {
		j := bytes.IndexByte(b[i:], '"')
		if j < 0 {
			break
		}
		i += j
		if tail := b[i+1:]; len(tail) > 5 && tail[0] == ' ' && requestEnds(b[:i]) {
			code, after := cutWord(tail[1:])
			if status = parseStatus(code); status > 0 || len(code) == 1 && code[0] == '0' {
				return b[:i], status, after, true
			}
		}
	}
	return nil, 0, b, false
}

// requestEnds reports whether b ends like a request line: with a protocol, or "-".
func requestEnds(b []byte) bool {
	_, last := cutLastWord(b)
	return isProtocol(last) || string(last) == "-"
}

// envoyHeaders reads the five quoted values, of which a client writes the first
// two and Envoy escapes none, and Istio's addresses behind them. The last three
// hold no quote, so they are found from the end.
func envoyHeaders(r *Record, b []byte) (forwarded []byte, ok bool) {
	if len(b) == 0 || b[0] != '"' {
		return nil, false
	}
	quotes, tail, ok := cutLastQuote(b)
	if !ok {
		return nil, false
	}
	var last [3][]byte
	for i := len(last) - 1; i >= 0; i-- {
		at := bytes.LastIndexByte(quotes, '"')
		if at < 2 || !bytes.HasSuffix(quotes[:at], []byte(`" `)) {
			return nil, false
		}
		last[i], quotes = quotes[at+1:], quotes[:at-2]
	}
	between := bytes.Index(quotes, []byte(`" "`))
	if between < 1 {
		return nil, false
	}
	r.UserAgent = dash(quotes[between+3:])
	r.RequestID, r.Upstream = dash(last[0]), dash(last[2])
	r.setDomain(last[1])
	// CLUSTER UPSTREAM_LOCAL DOWNSTREAM_LOCAL DOWNSTREAM_REMOTE SNI ROUTE
	tail = bytes.TrimLeft(tail, " ")
	for range 3 {
		_, tail = cutWord(tail)
	}
	remote, _ := cutWord(tail)
	if r.setAddress(remote) && string(r.ClientPort) == "0" {
		r.ClientPort = nil
	}
	return quotes[1:between], true
}

// [2026-11-22 00:12:31.655][27][debug][oauth2] [source/x.cc:1402] [Tags: "ConnectionId":"31","StreamId":"9"] text
func parseEnvoyLog(r *Record, s *Scratch) bool {
	t := r.Text
	if len(t) < 34 || t[5] != '-' || t[11] != ' ' {
		return false
	}
	when, n := s.ISO(t[1:])
	if n == 0 || !hasPrefix(t[n+1:], "][") {
		return false
	}
	thread, rest, ok1 := cutBracket(t[n+2:])
	level, rest, ok2 := cutBracket(rest)
	logger, rest, ok3 := cutBracket(rest)
	if !ok1 || !ok2 || !ok3 || !isDigits(thread) || !isLevel(level) {
		return false
	}
	when.Set(r)
	r.Level, r.Logger = level, logger
	if file, after, ok := cutBracket(rest); ok && bytes.IndexByte(file, ':') > 0 {
		rest = after
	}
	if tags, after, ok := cutBracket(rest); ok && hasPrefix(tags, "Tags: ") {
		rest = after
	} else if ok && hasPrefix(tags, "C") {
		rest = after // [C31][S9]
		if stream, after, ok := cutBracket(rest); ok && hasPrefix(stream, "S") {
			rest = after
		}
	}
	r.Message = rest
	return true
}
