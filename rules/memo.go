package rules

import (
	"bytes"
	"hash/maphash"

	"why401/parsers"
)

// A memo keeps texts as rules see them, with what the index found there: logs
// repeat their words. Its answers are those of reading the text anew.
type memo struct {
	seed  maphash.Seed
	texts [128]*readText
	long  readText // what isn't kept
	seen  []uint64 // memory for the index
}

// A readText is a hay that was filled and looked through.
type readText struct {
	hay
	hit  []uint64 // of each rule, whether words that it is found by stand there
	lens [numParts]int
	user []byte // the name that was left out
}

const (
	numParts = 5    // fields of a record that a hay holds
	maxMemo  = 1024 // bytes of a text that is kept
)

// parts are the fields that a hay holds, in its order, and the user's name if it
// is to be left out of them.
func parts(r *parsers.Record) (list [numParts][]byte, user []byte) {
	list = [numParts][]byte{message(r), r.Code, errorType(r), r.Challenge, r.Logger}
	if maskable(r.User) && bytes.Contains(list[0], r.User) {
		user = r.User
	}
	return list, user
}

// read returns r's text as rules of s see it, valid until the next call.
func (m *memo) read(r *parsers.Record, s *Set) *readText {
	list, user := parts(r)
	size, sum := len(user), maphash.Bytes(m.seed, user)
	for _, p := range list {
		size += len(p)
		if len(p) > 0 {
			sum = sum*31 + maphash.Bytes(m.seed, p)
		}
	}
	t := &m.long
	if size <= maxMemo {
		at := &m.texts[sum%uint64(len(m.texts))]
		if *at == nil {
			*at = &readText{}
		}
		if t = *at; t.is(list, user) {
			return t
		}
	}
	t.fill(list, user)
	t.user = append(t.user[:0], user...)
	for i, p := range list {
		t.lens[i] = len(p)
	}
	if t.may == nil {
		t.may, t.hit = make([]uint64, s.patterns/64+1), make([]uint64, len(s.rules)/64+1)
	}
	clear(t.may)
	clear(t.hit)
	s.index.scan(t.text, t.edge, t.may, t.hit, m.seen)
	return t
}

// is reports whether t was read from these parts.
func (t *readText) is(list [numParts][]byte, user []byte) bool {
	if len(t.raw) == 0 || !bytes.Equal(t.user, user) {
		return false
	}
	at := 0
	for i, p := range list {
		if t.lens[i] != len(p) || !bytes.Equal(t.raw[at:at+len(p)], p) {
			return false
		}
		at += len(p) + 1
	}
	return true
}
