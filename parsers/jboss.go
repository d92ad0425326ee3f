package parsers

import "bytes"

var _ = register(Parser{
	Name: "jboss",
	Doc: `JBoss log manager console: Keycloak, WildFly, Quarkus

"stamp LEVEL [logger] (thread) text", the stamp absent in some set-ups. Events of
Keycloak ("type=LOGIN_ERROR, realmId=..., error=...", quoted from version 23 on)
are read apart: their error is the code.`,
	First: "012TDIWEF",
	Order: 40,
	Parse: parseJBoss,
})

var _ = register(Parser{
	Name: "keycloak-event",
	Doc: `An event of Keycloak, without a head

What the event logger says where something else has the stamp and level: in the
message of a JSON console, behind syslog.`,
	Layer: IDP,
	First: "to",
	Order: 62,
	Parse: parseKeycloakEvent,
})

func parseKeycloakEvent(r *Record, s *Scratch) bool {
	t := r.Text
	if !hasPrefix(t, "type=") && !hasPrefix(t, "operationType=") || !bytes.Contains(t[:min(len(t), 160)], []byte(", realm")) {
		return false
	}
	r.Message = t
	return keycloakEvent(r, s)
}

// 2026-03-14 09:26:53,589 WARN  [org.keycloak.events] (executor-thread-12) text
func parseJBoss(r *Record, s *Scratch) bool {
	t := r.Text
	if len(t) < 24 {
		return false
	}
	var when Stamp
	rest := t
	if t[0]-'0' <= 9 {
		n := 0
		open := bytes.IndexByte(t[8:min(len(t), 48)], '[')
		if open < 0 || t[2] != ':' && (t[4] != '-' || open < 11) || !bytes.Contains(t[8+open:min(len(t), 160)], []byte("] (")) {
			return false
		}
		switch {
		case t[4] == '-':
			when, n = s.ISO(t)
		case t[2] == ':' && t[5] == ':':
			when, n = s.TimeOfDay(t)
		}
		if n == 0 || n >= len(t) || t[n] != ' ' {
			return false
		}
		rest = t[n+1:]
	}
	level, rest := cutWord(rest)
	if !isLevel(level) {
		return false
	}
	rest = bytes.TrimLeft(rest, " ")
	logger, rest, ok := cutBracket(rest)
	if !ok || len(logger) == 0 || len(rest) < 3 || rest[0] != '(' {
		return false
	}
	i := bytes.IndexByte(rest, ')')
	if i < 1 || i+1 < len(rest) && rest[i+1] != ' ' {
		return false
	}
	if when.Time != 0 {
		when.Set(r)
	}
	r.Level, r.Logger = level, logger
	r.Message = trimSpaces(rest[i+1:])
	if !keycloakEvent(r, s) {
		r.pick(r.Message, s)
	}
	return true
}

// keycloakEvent reads a message that is an event of Keycloak, and says no to any
// other. Of a key that comes twice the first counts: what a client chose, the
// user name above all, stands behind Keycloak's own keys.
func keycloakEvent(r *Record, s *Scratch) bool {
	b := r.Message
	if !hasPrefix(b, "type=") && !hasPrefix(b, "operationType=") {
		return false
	}
	var kind, failure, reason []byte
	for len(b) > 0 {
		eq := bytes.IndexByte(b, '=')
		if eq < 0 {
			break
		}
		key, value, rest := b[:eq], b[eq+1:], []byte(nil)
		if text, tail, ok := cutQuoted(value); ok {
			value, rest = text, bytes.TrimPrefix(tail, []byte(", "))
		} else if end := bytes.Index(value, []byte(", ")); end >= 0 {
			value, rest = value[:end], value[end+2:]
		}
		b = rest
		if string(value) == "null" {
			value = nil
		}
		if value == nil {
			continue
		}
		r.addAttr(key, value)
		switch string(key) {
		case "type", "operationType":
			if kind == nil {
				kind = value
			}
		case "error":
			if failure == nil {
				failure = value
			}
		case "reason":
			if reason == nil {
				reason = value
			}
		case "ipAddress":
			if r.Client == nil {
				r.setClient(value)
			}
		case "username":
			if r.User == nil {
				r.setUser(value)
			}
		}
	}
	switch {
	case bytes.HasSuffix(kind, []byte("_ERROR")):
		r.Outcome = Failure
	case failure == nil:
		r.Outcome = Success
	}
	r.Code = kind
	r.Message = kind
	if failure != nil {
		r.Code = failure
		r.Message = s.join(" ", kind, failure)
	}
	if reason != nil {
		r.Message = s.join(" ", r.Message, reason)
	}
	return true
}
