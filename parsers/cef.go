package parsers

import "bytes"

var _ = register(Parser{
	Name: "cef",
	Doc: `ArcSight CEF and IBM LEEF: security products, behind syslog or not

"CEF:0|vendor|product|version|id|name|severity|key=value ...", a value with spaces
up to the next key; LEEF parts its pairs by tabs, LEEF 2.0 by the byte that its head
names, "^" or "0x5E" (https://www.ibm.com/docs/en/dsm?topic=leef-overview). The code
is the event's id.`,
	First: "CL",
	Order: 18,
	Parse: parseCEF,
})

func parseCEF(r *Record, s *Scratch) bool {
	t := r.Text
	leef := hasPrefix(t, "LEEF:")
	if !leef && !hasPrefix(t, "CEF:") {
		return false
	}
	columns := 7
	if leef {
		columns = 5
	}
	var column [7][]byte
	rest := t
	for i := range columns {
		end := cefBar(rest)
		if end < 0 {
			return false
		}
		column[i], rest = rest[:end], rest[end+1:]
	}
	var between []byte // of pairs; nil where a key says where it begins
	if leef {
		between, rest = leefDelimiter(t, rest)
	}
	r.Logger = column[2]
	r.Code = dash(column[4])
	if !leef {
		r.Message, r.Level = column[5], column[6]
	}
	reasons := 0
	for len(rest) > 0 {
		eq := bytes.IndexByte(rest, '=')
		if eq < 0 {
			break
		}
		key := bytes.TrimSpace(rest[:eq])
		end := cefValueEnd(rest[eq+1:], between)
		value := bytes.TrimSpace(rest[eq+1 : eq+1+end])
		rest = bytes.TrimPrefix(rest[eq+1+end:], between)
		r.addAttr(key, value)
		if string(key) == "reason" || string(key) == "msg" || leef && isLEEFWords(key) {
			if reasons++; reasons <= 2 && len(value) > 0 {
				text := r.Message
				r.Message = value
				r.lead(text, s)
			}
			continue
		}
		r.cefField(key, value, s)
	}
	return true
}

// cefBar returns where the next bar stands that no backslash guards.
func cefBar(b []byte) int {
	for i := 0; i < len(b); i++ {
		if b[i] == '\\' {
			i++
		} else if b[i] == '|' {
			return i
		}
	}
	return -1
}

// leefDelimiter returns what stands between the pairs of a LEEF entry, and the pairs. LEEF
// 2.0 may name it, itself or by its number in base 16; else it is a tab, which rsyslog
// writes as #011. Tabs that became blanks leave no more than CEF has.
func leefDelimiter(t, rest []byte) (between, pairs []byte) {
	between = byteOf['\t' : '\t'+1]
	if bar := bytes.IndexByte(rest[:min(len(rest), 6)], '|'); hasPrefix(t, "LEEF:2") && bar >= 0 {
		named := rest[:bar]
		rest = rest[bar+1:]
		digits := bytes.TrimLeft(named, "0xX")
		if hi, lo := hexDigit(digits, 0), hexDigit(digits, 1); len(named) > 1 && hi >= 0 && lo >= 0 {
			n := hi<<4 | lo
			between = byteOf[n : n+1]
		} else if len(named) > 1 && len(digits) == 1 && hi > 0 { // "x9"
			between = byteOf[hi : hi+1]
		} else if len(named) == 1 {
			between = named
		}
	}
	if bytes.Contains(rest, between) {
		return between, rest
	}
	if bytes.Contains(rest, escapedTab) {
		return escapedTab, rest
	}
	return nil, rest
}

var escapedTab = []byte("#011")

// byteOf holds each byte at its number.
var byteOf = func() (t [256]byte) {
	for i := range t {
		t[i] = byte(i)
	}
	return t
}()

// hexDigit returns the value of the digit at b[i], or -1.
func hexDigit(b []byte, i int) int {
	if i >= len(b) {
		return -1
	}
	switch c := b[i]; {
	case c-'0' <= 9:
		return int(c - '0')
	case c|0x20-'a' < 6:
		return int(c|0x20-'a') + 10
	}
	return -1
}

// isLEEFWords reports whether key is one under which products say in words what happened.
func isLEEFWords(key []byte) bool {
	switch string(key) {
	case "eventDesc", "eventName", "description", "desc", "message", "failureReason", "result_reason":
		return true
	}
	return false
}

// cefValueEnd returns where the value at the start of b ends: before the word
// that the next '=' belongs to, or at what stands between pairs.
func cefValueEnd(b, between []byte) int {
	if len(between) > 0 {
		if i := bytes.Index(b, between); i >= 0 {
			return i
		}
		return len(b)
	}
	space := -1
	for i := 0; i < len(b); i++ {
		switch c := b[i]; {
		case c == '\\':
			i++
		case c == '\t':
			return i
		case c == ' ':
			space = i
		case c == '=' && space >= 0:
			return space
		case !isWord(c) && c != '.' && c != '-':
			if space >= 0 && i > space {
				space = -1 // no key: go on to the next word
			}
		}
	}
	return len(b)
}

func (r *Record) cefField(key, value []byte, s *Scratch) {
	switch string(key) {
	case "src", "sourceAddress", "c6a2":
		if r.Client == nil {
			r.setClient(value)
		}
	case "spt", "srcPort":
		r.ClientPort = value
	case "duser", "usrName", "accountName":
		if r.User == nil || r.firstUser() {
			r.setUser(value)
		}
	case "suser", "user", "identUserName":
		if r.User == nil {
			r.setUser(value)
		}
	case "requestMethod", "method":
		if isMethod(value) {
			r.Method = value
		}
	case "request", "url":
		r.setURL(value)
	case "requestClientApplication", "userAgent":
		r.UserAgent = value
	case "dhost":
		r.setDomain(value)
	case "dvchost":
		r.Upstream = value
	case "rt", "devTime", "end", "start":
		if when, n := s.Any(value, true); n > 0 && r.Time == 0 {
			when.Set(r)
		}
	case "sev":
		if r.Level == nil {
			r.Level = value
		}
	case "outcome", "act", "result", "eventOutcome":
		switch {
		case r.Outcome != OutcomeUnknown: // the first counts: a client's words come later
		case bytes.EqualFold(value, []byte("failure")), bytes.EqualFold(value, []byte("failed")), bytes.EqualFold(value, []byte("denied")):
			r.Outcome = Failure
		case bytes.EqualFold(value, []byte("success")), bytes.EqualFold(value, []byte("successful")):
			r.Outcome = Success
		}
	}
}

// firstUser reports whether no key before the last one named the user that the event is
// about: a client whose text breaks out of its value names nobody else.
func (r *Record) firstUser() bool {
	for _, a := range r.Attrs[:len(r.Attrs)-1] {
		switch string(a.Key) {
		case "duser", "usrName", "accountName":
			return false
		}
	}
	return true
}
