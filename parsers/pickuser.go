package parsers

import "bytes"

func wordBefore(b []byte) []byte {
	b = bytes.TrimRight(b, " ")
	return b[bytes.LastIndexByte(b, ' ')+1:]
}

// pickUser takes the name after "for user", "by user", "invalid user", or after
// "User" at the start.
func (r *Record) pickUser(line []byte) {
	for at := 0; at < len(line); {
		i := bytes.Index(line[at:], []byte("ser "))
		if i < 0 {
			return
		}
		i += at
		at = i + 4
		if i == 0 || line[i-1]|0x20 != 'u' || i > 1 && line[i-2] != ' ' {
			continue
		}
		if i > 1 {
			switch string(wordBefore(line[:i-1])) {
			case "for", "to", "by", "of", "unknown", "invalid", "illegal", "from", "authenticating", "as", "disabled", "locked":
			default:
				continue
			}
		}
		name, _ := pickedValue(line, at)
		name = bytes.Trim(name, ".:[]<>")
		if len(name) > 1 && len(name) < 128 && !isProse(name) {
			r.setUser(name)
			return
		}
	}
}

// isProse reports whether b is a word that follows "user" in plain talk.
func isProse(b []byte) bool {
	if len(b) > 1 && b[0]-'A' < 26 && (len(b) == 2 || string(b) == "Name" || string(b) == "Agent") { // "User ID"
		return true
	}
	switch string(b) {
	case "is", "was", "does", "did", "has", "had", "not", "account", "name", "agent", "id", "with", "without", "and", "or", "in", "login", "logged", "data", "info",
		"details", "password", "authentication", "authorization", "credentials", "session", "token", "role", "from", "by", "for", "input", "could", "can", "cannot",
		"must", "should", "tried", "attempted", "failed", "to", "the", "a", "an", "group", "groups", "profile", "request", "store", "database", "entry", "record", "found",
		"provided", "requires", "accounts", "permissions", "permission", "pool", "interaction", "consent", "email", "identity", "registration", "no", "on", "at", "of",
		"may", "will", "needs", "lacks", "already", "directory", "management", "service", "via", "be", "returned", "that", "who", "which", "object", "key":
		return true
	}
	return false
}

// userBefore returns the name that stands before the words that announce the
// address at b[start:]: "for alice from 192.0.2.1", "for user alice (192.0.2.1)".
func userBefore(b []byte, start int) []byte {
	t := b[:start]
	for {
		t = bytes.TrimRight(t, " ([\"'`:-,")
		i := bytes.LastIndexByte(t, ' ')
		switch string(t[i+1:]) {
		case "from", "From", "ip", "IP", "address", "addr", "host", "private", "public", "client", "Remote", "remote", "port":
			if i < 0 {
				return nil
			}
			t = t[:i]
			continue
		}
		break
	}
	i := bytes.LastIndexByte(t, ' ')
	if i < 0 {
		return nil
	}
	name := t[i+1:]
	before := bytes.TrimRight(t[:i], " :")
	if j := bytes.LastIndexByte(before, ' '); j >= 0 {
		before = before[j+1:]
	}
	if k := bytes.IndexByte(name, ':'); k > 0 && (isUserWord(name[:k]) || string(name[:k]) == "login") {
		return name[k+1:]
	}
	if isProse(name) || isAddress(name) {
		return nil
	}
	if isUserWord(before) || string(before) == "for" || string(before) == "as" || string(before) == "failed" && bytes.HasSuffix(bytes.TrimRight(t[:i], " "), []byte("failed:")) || string(before) == "account" {
		if name = bytes.Trim(name, "\"'`[]<>"); len(name) > 0 && len(name) < 128 && !isUserWord(name) {
			return name
		}
	}
	return nil
}

// quotedUser returns where a quoted name that "user " announces ends: user 'x',
// user "x", user [x]. The quote stands at b[i].
func quotedUser(b []byte, i int) int {
	j := i
	for j > 0 && (b[j-1] == ' ' || b[j-1] == ':') {
		j--
	}
	if j == i {
		return 0
	}
	k := j
	for k > 0 && isWord(b[k-1]) {
		k--
	}
	if w := b[k:j]; !isUserWord(w) && string(w) != "account" && string(w) != "principal" {
		return 0
	}
	quote := b[i]
	switch quote {
	case '[':
		quote = ']'
	case '<':
		quote = '>'
	}
	n := bytes.IndexByte(b[i+1:min(len(b), i+258)], quote)
	if n <= 0 || (quote == ']' || quote == '>') && bytes.ContainsAny(b[i+1:i+1+n], ": =") {
		return 0
	}
	return i + 1 + n
}

func isUserWord(w []byte) bool {
	return len(w) == 4 && hasSuffixFold(w, "user") || len(w) == 8 && hasSuffixFold(w, "username") || string(w) == "user_name"
}
