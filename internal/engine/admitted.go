package engine

import (
	"bytes"

	"why401/parsers"
)

// admits reports whether r's own words say that somebody was let in: "login ok for
// kim from 192.0.2.1", "connection authorized: user=kim". Who attacks and who mistyped
// is told by who gets in, and applications say so without a status.
func admits(r *parsers.Record) bool {
	if r.Outcome != parsers.OutcomeUnknown || r.Status != 0 || r.User == nil && r.Client == nil {
		return false
	}
	event := isLoginEvent(r)
	if len(r.Message) < 8 && !event {
		return false
	}
	var low [256]byte
	words := low[:copy(low[:], r.Message)]
	for i, c := range words {
		if c-'A' < 26 {
			words[i] = c | 0x20
		}
	}
	switch {
	case event:
		return !anyOf(words, "fail", "den", "invalid", "refus", "reject", "error")
	case anyOf(words, ", sasl_username=") && anyOf(words, "client="), // Postfix, of mail that it takes
		anyOf(words, "peer connection initiated with"),       // OpenVPN
		anyOf(words, "cmd=auth;") && !anyOf(words, "error="): // Zimbra
		return !anyOf(words, "fail", "reject")
	case !anyOf(words, "login", "logon", "logged", "log in", "sign", "auth", "session", "password"):
		return false
	case anyOf(words, "fail", "den", "invalid", "incorrect", "refus", "reject", "unsuccess", " not ", "n't", "error", "wrong", "unknown", "expire",
		"cannot", "unauth", "never", " page", " form", "will ", "requir", "logged out", "signed out", "cron", "if ", "attempting", "lock"):
		return false
	case anyOf(words, "logged in", "logged on", "signed in", "connection authorized", "connection authenticated", "session created for", "session started for",
		"authenticated for user", "user authenticated", "password accepted", "login, user=", "auth-success"), bytes.HasPrefix(words, []byte("authenticated")):
		return true
	case anyOf(words, "login", "logon", "log in", "log-in", "sign in", "sign-in", "signin", "authentication", "authenticated", "auth "):
		return anyOf(words, "success", "succeeded", "granted", "accepted", "passed", " ok ", " ok,", ": ok") || bytes.HasSuffix(words, []byte(" ok")) ||
			bytes.HasPrefix(words, []byte("ok "))
	}
	return false
}

// isLoginEvent reports whether r is an event of a kind that only happens when somebody
// is let in: authentik's action login, FortiOS' tunnel-up.
func isLoginEvent(r *parsers.Record) bool {
	for _, key := range [...]string{"action", "event", "event_type", "eventType"} {
		switch v, _ := r.Attr(key); string(v.Value) {
		case "login", "LOGIN", "user_login", "login_success", "login_succeeded", "login.success", "user.login", "sign_in", "signin", "tunnel-up", "ssl-new-con":
			return !deniedBy(r)
		}
	}
	return false
}

// deniedBy reports whether a field of r says no to what the event is called.
func deniedBy(r *parsers.Record) bool {
	for i := range r.Attrs {
		switch string(bytes.ToLower(r.Attrs[i].Value)) {
		case "false", "no", "ko", "nok", "denied", "deny", "failed", "failure", "fail", "error", "rejected", "refused":
		default:
			continue
		}
		switch string(bytes.ToLower(r.Attrs[i].Key)) {
		case "mfa", "remember", "remember_me", "persistent", "new_device", "admin", "is_admin", "first", "first_login", "new", "secure", "tls":
		default:
			return true
		}
	}
	return false
}

func anyOf(text []byte, words ...string) bool {
	for _, w := range words {
		if bytes.Contains(text, []byte(w)) {
			return true
		}
	}
	return false
}
