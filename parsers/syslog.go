package parsers

import "bytes"

// syslog takes off a header of RFC 5424 or RFC 3164, with or without priority,
// the stamp of either kind, with or without host: as syslog daemons, journalctl
// and rsyslog's templates write it to files.
func (ln *line) syslog() bool {
	t := ln.text
	pri := -1
	if t[0] == '<' {
		i, v := 1, 0
		for ; i < len(t) && i < 4 && t[i]-'0' <= 9; i++ {
			v = v*10 + int(t[i]-'0')
		}
		if i == 1 || i >= len(t) || t[i] != '>' || v > 191 {
			return false
		}
		pri, t = v, t[i+1:]
		if len(t) > 2 && t[0] == '1' && t[1] == ' ' {
			return ln.syslog5424(t[2:], pri)
		}
	}
	if len(t) < 16 {
		return false
	}
	var stamp Stamp
	var n int
	if t[0]-'0' <= 9 {
		if t[0] == '1' && t[1] == ' ' && ln.wraps.n == 0 { // RFC 5424 in a file, without priority
			return ln.syslog5424(t[2:], pri)
		}
		if t[10] != 'T' {
			return false
		}
		var c Clock
		stamp, n = c.ISO(t)
		if n > 0 && stamp.Assumed != 0 {
			return false
		}
	} else {
		var c Clock
		stamp, n = c.Syslog(t)
	}
	if n == 0 || n+2 > len(t) || t[n] != ' ' && t[n] != ':' {
		if pri < 8 || !isContent(t) { // below 8 it is systemd's level
			return false
		}
		// A priority and nothing else of a header: all of it is content (RFC 3164, section 4.3.3).
		ln.wraps.setPriority(pri)
		return ln.wrapped(wrapSyslog, trimSpaces(t))
	}
	rest := trimSpaces(t[n+1:])
	host, after := cutByte(rest, ' ')
	// "program: text" without host, or "host program[pid]: text".
	if tag, key, text, ok := syslogTag(rest); ok {
		if pri < 0 && isLevel(tag) { // "2026-11-22T00:12:31Z error: text" is an application's own
			return false
		}
		ln.wraps.program, ln.wraps.service, ln.wraps.key = tag, tag, key
		ln.wraps.setStamp(stamp, t)
		ln.wraps.setPriority(pri)
		return ln.wrapped(wrapSyslog, ln.repeated(text))
	}
	if t[n] == ':' { // "stamp: text"
		ln.wraps.setStamp(stamp, t)
		ln.wraps.setPriority(pri)
		return ln.wrapped(wrapSyslog, rest)
	}
	if !isHost(host) || isLevel(host) || after == nil {
		return false
	}
	if hasPrefix(after, "CEF:") || hasPrefix(after, "LEEF:") {
		ln.wraps.host = host
		ln.wraps.setStamp(stamp, t)
		ln.wraps.setPriority(pri)
		return ln.wrapped(wrapSyslog, after)
	}
	tag, key, text, ok := syslogTag(trimSpaces(after))
	if ok && isOutcome(tag) { // "authentication failed: text"
		ok = false
	}
	if !ok && hasPrefix(after, ": ") { // Cisco: "host : %ASA-6-605004: text"
		text, ok = after[2:], true
	}
	if !ok {
		if t[0]-'0' <= 9 && pri < 0 || !plainTag(after) {
			return false // not enough to tell it from an application's own layout
		}
		if beginsSentence(host, after) { // "stamp text": a file that the program wrote by itself
			ln.wraps.setStamp(stamp, t)
			ln.wraps.setPriority(pri)
			return ln.wrapped(wrapSyslog, ln.repeated(rest))
		}
		tag, text = nil, after
		if i := bytes.IndexByte(after, ' '); i > 0 {
			tag, text = after[:i], after[i+1:]
		}
		tag = bytes.TrimSuffix(tag, []byte{':'})
		if n := len(text); n > 4 && text[0] == '[' { // "program [123]: text"
			if end := bytes.Index(text[:min(n, 14)], []byte("]: ")); end > 1 && isDigits(text[1:end]) {
				text = text[end+3:]
			}
		}
		switch {
		case isLevel(tag): // "program LEVEL text": a file that the program wrote by itself
			ln.wraps.level = tag
			tag, host = host, nil
		case string(tag) == "login" || string(tag) == "user": // of a router that names no program
			tag, text = nil, after
		}
	}
	if string(tag) == "sudo" { // it pads the name
		text = trimSpaces(text)
	}
	ln.wraps.host = host
	ln.wraps.program, ln.wraps.service, ln.wraps.key = tag, tag, key
	ln.wraps.setStamp(stamp, t)
	ln.wraps.setPriority(pri)
	return ln.wrapped(wrapSyslog, ln.repeated(text))
}

// repeated takes "message repeated 5 times: [ ... ]" off, which rsyslog writes of
// lines that differ in nothing else.
func (ln *line) repeated(text []byte) []byte {
	const head = "message repeated "
	if len(text) < len(head) || text[0] != 'm' || !hasPrefix(text, head) || text[len(text)-1] != ']' {
		return text
	}
	n, i := uint16(0), len(head)
	for ; i < len(text) && i < len(head)+4 && text[i]-'0' <= 9; i++ {
		n = 10*n + uint16(text[i]-'0')
	}
	if i == len(head) || !hasPrefix(text[i:], " times: [") {
		return text
	}
	ln.wraps.times = n
	return bytes.TrimSpace(text[i+len(" times: [") : len(text)-1])
}

// isContent reports whether what follows a bare priority begins as a message does:
// with a word, a key or a date.
func isContent(t []byte) bool {
	t = trimSpaces(t)
	return len(t) > 16 && (t[0]|0x20-'a' < 26 || t[0] == '%' || t[0]-'0' <= 9 && (t[2] == '/' || t[4] == '-'))
}

// syslog5424 takes off what follows "<PRI>1 ": stamp, host, program, process,
// message id, structured data (RFC 5424, section 6).
func (ln *line) syslog5424(t []byte, pri int) bool {
	var field [5][]byte
	rest := t
	for i := range field {
		var ok bool
		if field[i], rest, ok = bytes.Cut(rest, space); !ok || len(field[i]) == 0 {
			return false
		}
	}
	var stamp Stamp
	if !isNothing(field[0]) {
		var c Clock
		var n int
		if stamp, n = c.ISO(field[0]); n != len(field[0]) {
			return false
		}
	} else if pri < 0 {
		return false
	}
	if len(rest) == 0 {
		return false
	}
	// Structured data: "-" or elements in brackets, in which \ escapes " ] and itself.
	if rest[0] == '-' {
		rest = rest[1:]
	} else {
		for len(rest) > 0 && rest[0] == '[' {
			end := sdEnd(rest)
			if end < 0 {
				return false
			}
			rest = rest[end:]
		}
	}
	if len(rest) > 0 && rest[0] != ' ' {
		return false
	}
	text := bytes.TrimPrefix(rest, space)
	text = bytes.TrimPrefix(text, []byte("\ufeff"))
	if !isNothing(field[1]) {
		ln.wraps.host = field[1]
	}
	if !isNothing(field[2]) {
		ln.wraps.program, ln.wraps.service, ln.wraps.key = field[2], field[2], field[3]
	}
	ln.wraps.setStamp(stamp, field[0])
	ln.wraps.setPriority(pri)
	return ln.wrapped(wrapSyslog, text)
}

var space = []byte{' '}

// sdEnd returns where the structured-data element at the start of b ends, or -1.
func sdEnd(b []byte) int {
	quoted := false
	for i := 0; i < len(b); i++ {
		switch b[i] {
		case '\\':
			if quoted {
				i++
			}
		case '"':
			quoted = !quoted
		case ']':
			if !quoted {
				return i + 1
			}
		}
	}
	return -1
}

// syslogTag splits "program[123]: text" and "program: text". The key is program
// and process: lines of two processes don't belong together.
func syslogTag(b []byte) (program, key, text []byte, ok bool) {
	for i := 0; i < len(b) && i < 64; i++ {
		switch c := b[i]; {
		case c == ':' && i > 0 && (i+1 == len(b) || b[i+1] == ' '):
			return b[:i], b[:i], trimOne(b[i+1:]), true
		case c == '[' && i > 0:
			end := bytes.IndexByte(b[i:min(len(b), i+40)], ']')
			if end < 2 || i+end+1 >= len(b) || b[i+end+1] != ':' {
				return nil, nil, nil, false
			}
			return b[:i], b[:i+end+1], trimOne(b[i+end+2:]), true
		case isWord(c), c == '-', c == '.', c == '/', c == '_', c == '@', c == '(', c == ')':
		default:
			return nil, nil, nil, false
		}
	}
	return nil, nil, nil, false
}

// servesOneLogin reports whether a program runs a process for each client, so that
// what it says under one number is of one.
func servesOneLogin(program []byte) bool {
	switch string(program) {
	case "sshd", "sshd-session", "sshd-auth", "dropbear", "su", "login", "vsftpd", "proftpd", "pure-ftpd", "ftpd", "telnetd", "in.telnetd":
		return true
	}
	return false
}

// plainTag reports whether b begins with a word that can be a program without
// colon, as some appliances and SimpleSAMLphp write it.
func plainTag(b []byte) bool {
	i := bytes.IndexByte(b, ' ')
	return i > 1 && isHost(b[:i])
}

// beginsSentence reports whether what stands in a host's place begins a sentence that
// goes on in rest: a capital and small letters, then a word of small letters
// ("Login failed for ..."), or any word before what became of something.
func beginsSentence(host, rest []byte) bool {
	next, _ := cutByte(rest, ' ')
	return isOutcome(bytes.TrimSuffix(next, []byte{':'})) ||
		len(host) > 2 && host[0]-'A' < 26 && isSmall(host[1:]) && isSmall(next) && !isLevel(next)
}

// isOutcome reports whether word says what became of something, or leads to it, so
// that it names no program.
func isOutcome(word []byte) bool {
	switch string(word) {
	case "attempt", "by", "denied", "failed", "failure", "for", "from", "has", "incorrect", "invalid", "is", "not", "refused", "rejected", "was":
		return true
	}
	return false
}

// isSmall reports whether b is small letters of ASCII alone.
func isSmall(b []byte) bool {
	for _, c := range b {
		if c-'a' >= 26 {
			return false
		}
	}
	return len(b) > 0
}

func trimOne(b []byte) []byte {
	if len(b) > 0 && b[0] == ' ' {
		return b[1:]
	}
	return b
}

func cutByte(b []byte, c byte) (before, after []byte) {
	if i := bytes.IndexByte(b, c); i >= 0 {
		return b[:i], b[i+1:]
	}
	return b, nil
}

// setPriority keeps the severity of a priority value (RFC 5424, section 6.2.1).
func (w *wrapping) setPriority(pri int) {
	if pri >= 0 {
		w.level = severities[pri&7]
	}
}

var severities = [...][]byte{[]byte("emerg"), []byte("alert"), []byte("crit"), []byte("err"), []byte("warning"), []byte("notice"), []byte("info"), []byte("debug")}
