package parsers

import "encoding/binary"

// meaningOf finds what a key means within f: by its whole path, else by its own name.
func (w *jsonWalk) meaningOf(f *frame, hash uint64, key []byte) meaning {
	switch f.what {
	case fHeaders, fUntrusted, fRespHeader:
		return w.headerOf(f, key)
	case fTLS:
		if m := keyMeanings.find(hash); m.field >= fJA4 && m.field <= fHTTPVersion {
			return m
		}
		return w.headerOf(f, key)
	}
	if m := keyMeanings.find(hash); m.field != fNone {
		return m
	}
	if f.hash != hashSeed {
		if m := keyMeanings.find(hashKey(hashSeed, key)); m.any {
			m.rank -= min(m.rank, 100) // deep keys count less
			if m.field == fMessage {
				m.rank = 3
			}
			return m
		}
	}
	if guessMessage(key) {
		return meaning{fMessage, 3, true}
	}
	return meaning{}
}

// A memo is what a key means where it stands: entries repeat their keys, and
// mostly in the same order.
type memo struct {
	key   [32]byte
	size  uint8
	end   byte // what follows it: '"' in JSON, '=' in pairs
	what  field
	m     meaning
	auth  bool   // it names a header of credentials
	where uint64 // the hash it goes on from
	hash  uint64 // the hash from which its members go on
	next  *memo  // of the key that came after it the last time
}

// expected returns the length of the key at the start of b, which end follows, if
// it is the key that came after the last one before; else 0. W.last is its memo then.
func (w *jsonWalk) expected(f *frame, b []byte, end byte) int {
	k := w.last.next
	if k == nil {
		return 0
	}
	n := int(k.size)
	if n >= len(b) || b[n] != end || k.end != end || k.where != f.hash || k.what != f.what || string(b[:n]) != string(k.key[:n&31]) {
		return 0
	}
	w.last = k
	return n
}

// known sets w.last to the memo of key, before end, which is made where there is none.
func (w *jsonWalk) known(f *frame, key []byte, end byte) {
	n := len(key)
	if n == 0 || n > 31 {
		w.last = &w.long
		w.last.fill(w, f, key, end)
		return
	}
	h := f.hash ^ uint64(n)
	if n >= 8 {
		h ^= binary.LittleEndian.Uint64(key)*hashSeed ^ binary.LittleEndian.Uint64(key[n-8:])
	} else {
		for _, c := range key {
			h = h<<8 ^ uint64(c)
		}
	}
	k := &w.memos[h*hashSeed>>54]
	if int(k.size) != n || k.end != end || string(key) != string(k.key[:n]) || k.where != f.hash || k.what != f.what {
		k.fill(w, f, key, end)
		k.size = uint8(copy(k.key[:], key))
	}
	w.last.next, w.last = k, k
}

// fill makes k the memo of key, without its text.
func (k *memo) fill(w *jsonWalk, f *frame, key []byte, end byte) {
	saw := f.sawAuth
	f.sawAuth = false
	hash := hashKey(f.hash, key)
	*k = memo{end: end, what: f.what, where: f.hash, hash: hash, m: w.meaningOf(f, hash, key), auth: f.sawAuth}
	f.sawAuth = saw
}

// headerOf finds what a header means; clients write them, so that nothing but
// what is expected of a client counts.
func (w *jsonWalk) headerOf(f *frame, key []byte) meaning {
	m := keyMeanings.find(hashKey(hashSeed, key))
	switch m.field {
	case fAuthorization:
		f.sawAuth = true
		if f.what == fHeaders {
			return m
		}
	case fAgent, fOrigin, fTraceID, fRequestID:
		if f.what == fHeaders {
			m.rank = 1
			return m
		}
	case fForwarded, fLanguage, fEncoding:
		if f.what == fHeaders {
			return m
		}
	case fJA4, fJA3N, fJA3, fHTTPPrint: // of a proxy that adds it
		if f.what == fHeaders || f.what == fTLS {
			return m
		}
	case fHost:
		if f.what == fHeaders {
			return meaning{fDomain, 1, true}
		}
	case fChallenge:
		if f.what == fRespHeader {
			return m
		}
	case fUser:
		if f.what == fUntrusted || f.what == fTLS {
			m.rank = 1
			return m
		}
	}
	if k := normalPrefix(key); k == "xapikey" || k == "apikey" {
		f.sawAuth = true
	}
	return meaning{}
}

// header reads an element of a list of headers, {"name":"Host","value":"x"}: of AWS
// WAF, of HAR.
func (w *jsonWalk) header(r *Record, s *Scratch, list *frame, element int16) {
	name, value := -1, -1
	for i := int(element) + 1; i < len(r.Attrs); i++ {
		switch a := &r.Attrs[i]; {
		case a.Parent != element:
		case string(a.Key) == "name", string(a.Key) == "key":
			name = i
		case string(a.Key) == "value":
			value = i
		}
	}
	if name < 0 || value < 0 {
		return
	}
	list.listed = true
	a := &r.Attrs[value]
	if m := w.headerOf(list, r.Attrs[name].Value); m.field != fNone && a.Kind == String {
		a.Key = r.Attrs[name].Value
		w.value(r, s, list, m, value)
	}
}

func normalPrefix(key []byte) string {
	var b [10]byte
	n := 0
	for _, c := range key {
		if x := normal[c]; x != 0 {
			if n == len(b) {
				return ""
			}
			b[n] = x
			n++
		}
	}
	switch string(b[:n]) {
	case "xapikey":
		return "xapikey"
	case "apikey":
		return "apikey"
	}
	return ""
}
