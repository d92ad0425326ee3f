package parsers

import "bytes"

var _ = register(Parser{
	Name: "sshd",
	Doc: `OpenSSH's sentences, behind syslog
"Failed password for invalid user NAME from ADDRESS port N ssh2" and its kin (auth.c
and packet.c of OpenSSH). A name is whatever the client sent, spaces and all: the
address is the last that the sentence names.`,
	Layer: App,
	First: "FAIPCDRem",
	Order: 60,
	Parse: parseSSHD,
})

// The sentences of sshd that name a client, by what stands before the user's name
// or, where they name none, before the address.
var sshdSentences = []struct {
	begin string
	user  bool // a name follows
}{
	{"Failed ", true}, {"Accepted ", true}, {"Postponed ", true}, {"Partial ", true},
	{"Invalid user ", true}, {"Illegal user ", true},
	{"Connection closed by authenticating user ", true}, {"Connection closed by invalid user ", true},
	{"Connection reset by authenticating user ", true}, {"Connection reset by invalid user ", true},
	{"Disconnected from authenticating user ", true}, {"Disconnected from invalid user ", true}, {"Disconnected from user ", true},
	{"Disconnecting authenticating user ", true}, {"Disconnecting invalid user ", true},
	{"error: maximum authentication attempts exceeded for ", true}, {"maximum authentication attempts exceeded for ", true},
	{"Connection closed by ", false}, {"Connection reset by ", false}, {"Disconnected from ", false}, {"Received disconnect from ", false},
	{"Did not receive identification string from ", false}, {"Connection from ", false},
}

func parseSSHD(r *Record, s *Scratch) bool {
	if len(r.Wrappers) == 0 || r.Lines > 1 {
		return false
	}
	for i := range sshdSentences {
		if begin := sshdSentences[i].begin; begin[0] == r.Text[0] && hasPrefix(r.Text, begin) {
			return r.sshd(r.Text[len(begin):], sshdSentences[i].user)
		}
	}
	return false
}

// sshd reads the rest of a sentence: a name, if there is one, and the address.
func (r *Record) sshd(rest []byte, named bool) bool {
	if !named {
		addr, _, after := cutAddress(rest)
		if addr == nil {
			return false
		}
		r.Client, r.ClientPort, r.Message = addr, portAfter(after), r.Text
		return true
	}
	outcome := OutcomeUnknown
	switch r.Text[0] {
	case 'F', 'A', 'P': // "Failed METHOD for [invalid user ]NAME from"
		i := bytes.Index(rest, []byte(" for "))
		if i < 0 || i > 32 || bytes.IndexByte(rest[:i], ' ') >= 0 {
			return false
		}
		rest = rest[i+5:]
		if r.Text[0] == 'A' {
			outcome = Success
		}
	}
	rest = bytes.TrimPrefix(bytes.TrimPrefix(rest, []byte("invalid user ")), []byte("illegal user "))
	name, addr, after := sshdClient(rest)
	if addr == nil {
		return false
	}
	r.setUser(name)
	r.Client, r.ClientPort, r.Outcome, r.Message = addr, portAfter(after), outcome, r.Text
	return true
}

// sshdClient splits "NAME from ADDRESS port N" and "NAME ADDRESS port N" at the
// last place where an address stands.
func sshdClient(b []byte) (name, addr, rest []byte) {
	for end := len(b); ; {
		i := bytes.LastIndex(b[:end], []byte(" port "))
		if i < 0 {
			break
		}
		space := bytes.LastIndexByte(b[:i], ' ')
		if addr := b[space+1 : i]; isAddress(addr) {
			return bytes.TrimSuffix(bytes.TrimSuffix(b[:max(0, space)], []byte(" from")), []byte("from")), addr, b[i:]
		}
		end = i
	}
	i := bytes.LastIndex(b, []byte("from "))
	if i < 0 {
		return nil, nil, nil
	}
	if addr, _, rest = cutAddress(b[i+5:]); addr == nil {
		return nil, nil, nil
	}
	return bytes.TrimSuffix(b[:i], []byte(" ")), addr, rest
}
