package rules

// A text that lists what may be wrong says nothing of what is: "the access token
// is expired, revoked, malformed, or invalid for other reasons" (RFC 6750 section
// 3.1). A rule sees such a text by why401.alternatives.

// statesOf are squashed words for what may be wrong with a token; true for those
// that name a property of it.
var statesOf = []struct {
	word     string
	property bool
}{
	{"expired", true}, {"revoked", true}, {"malformed", false}, {"blacklisted", true}, {"tampered", true}, {"corrupted", false}, {"corrupt", false},
	{"inactive", true}, {"notyetvalid", true}, {"nolongervalid", true}, {"used", true}, {"consumed", true},
	{"invalidated", true}, {"invalid", false}, {"missing", false}, {"notvalid", false}, {"unknown", false}, {"wrong", false}, {"incorrect", false}, {"notfound", false},
	{"empty", false}, {"absent", false}, {"disabled", false}, {"deleted", false}, {"bad", false}, {"unrecognized", false}, {"unsupported", false},
}

// betweenStates may stand between two of them.
var betweenStates = []string{",", "or", "/", "either", "is", "are", "was", "were", "has", "have", "had", "been", "be", "already", "otherwise", "an", "a", "the",
	"it", "its", "access", "refresh", "bearer", "token", "jwt", "link", "code", "signature", "credentials", "possibly", "maybe", "perhaps"}

// alternatives returns where in the entry's own words two states stand that "or"
// joins, or three of a list, of which one is a property of a token. It is looked
// for once in a text.
func (h *hay) alternatives() (span, bool) {
	if !h.listed {
		h.listed, h.list = true, span{}
		if in := h.keywords(); h.mayList(in) {
			h.list = h.findList(in)
		}
	}
	return h.list, h.list.to > 0
}

// mayList reports whether something in a text can join two states.
func (h *hay) mayList(in span) bool {
	for i := in.from; i < in.to; i++ {
		switch h.text[i] {
		case ',', '/':
			return true
		case 'o':
			if h.edge[i] && i+2 < in.to && h.text[i+1] == 'r' && h.edge[i+2] {
				return true
			}
		}
	}
	return false
}

func (h *hay) findList(in span) span {
	var first, last span // of the list, and of its last word
	count, property, or := 0, false, false
	for i := in.from; i < in.to; i++ {
		if !h.edge[i] {
			continue
		}
		n, isProperty := h.stateAt(i, in.to)
		if n == 0 {
			continue
		}
		joined, byOr := count > 0, false
		if joined {
			joined, byOr = h.joins(last.to, i)
		}
		switch {
		case !joined:
			first, count, property, or = span{i, i + n}, 1, isProperty, h.follows("either", i)
		case string(h.text[last.from:last.to]) != string(h.text[i:i+n]):
			count, property, or = count+1, property || isProperty, or || byOr
		}
		last = span{i, i + n}
		if property && (count == 2 && or || count > 2) {
			return span{first.from, last.to}
		}
		i += n - 1
	}
	return span{}
}

// follows reports whether word stands before text[i].
func (h *hay) follows(word string, i int) bool {
	return i >= len(word) && string(h.text[i-len(word):i]) == word
}

// stateAt returns the length of the state that begins at i, 0 if none does.
func (h *hay) stateAt(i, to int) (n int, property bool) {
	c := h.text[i]
	for k := range statesOf {
		s := &statesOf[k]
		if n = len(s.word); s.word[0] == c && i+n <= to && string(h.text[i:i+n]) == s.word && (i+n == to || h.edge[i+n]) {
			return n, s.property
		}
	}
	return 0, false
}

// joins reports whether what stands between two states makes a list of them.
func (h *hay) joins(from, to int) (joined, or bool) {
	for from < to && to-from <= gap {
		rest := h.text[from:to]
		n := 0
		for _, w := range betweenStates {
			if n = len(w); n <= len(rest) && string(rest[:n]) == w && h.edge[from+n] {
				break
			}
			n = 0
		}
		if n == 0 {
			return false, false
		}
		switch string(rest[:n]) {
		case "or", "/":
			joined, or = true, true
		case ",":
			joined = true
		}
		from += n
	}
	return joined && from == to, or
}
