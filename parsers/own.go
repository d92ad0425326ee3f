package parsers

import (
	"errors"
	"fmt"
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"
)

// A Definition describes a format of the user's own, in one of three ways. Fields
// have the names under which events show them (source.ip), or any name that JSON
// logs use for the same (client_ip); attr.NAME keeps a value for rules alone.
type Definition struct {
	Name  string // as in --log-format
	Title string
	Layer Layer

	Pattern string // text with %{TYPE:field}; see PatternTypes
	Regexp  string // Go's; groups are fields, with '_' for '.': (?P<source_ip>\S+)
	JSON    []Key  // of an object; what other keys mean is read as for format json
}

// A Key says which field a key of a JSON object holds; the key is a dotted path.
type Key struct{ Path, Field string }

// Compile makes a parser of d. It must fit an entry from its first byte to its last.
func (d *Definition) Compile() (*Parser, error) {
	p := Parser{Name: d.Name, Doc: d.Title, Layer: d.Layer}
	if p.Doc == "" {
		p.Doc = "A format of the user's"
	}
	ways := 0
	for _, has := range [...]bool{d.Pattern != "", d.Regexp != "", len(d.JSON) > 0} {
		if has {
			ways++
		}
	}
	switch {
	case ways != 1:
		return nil, errors.New("needs one of pattern, regexp and json")
	case d.Pattern != "":
		return compilePattern(p, d.Pattern)
	case d.Regexp != "":
		return compileRegexp(p, d.Regexp)
	}
	return compileKeys(p, d.JSON)
}

// eventFields are the names under which events show a record's fields.
var eventFields = map[string]field{
	"@timestamp": fTime, "source.ip": fClient, "source.port": fPort, "user.name": fUser, "http.request.method": fMethod,
	"http.request.id": fRequestID, "http.response.status_code": fStatus, "url.path": fURL, "url.original": fURL, "url.domain": fDomain,
	"user_agent.original": fAgent, "tls.client.ja3": fJA3, "tls.client.ja4": fJA4, "tls.version": fTLSVersion, "tls.cipher": fTLSCipher,
	"event.outcome": fOutcome, "event.reason": fMessage, "error.code": fCode, "error.type": fErrorType,
	"log.level": fLevel, "log.logger": fLogger, "trace.id": fTraceID, "server.address": fUpstream, "http.request.header.origin": fOrigin,
	"http.request.header.x-forwarded-for": fForwarded, "http.response.header.www-authenticate": fChallenge,
}

var eventKeys = func() *keyTable {
	t := new(keyTable)
	for name, f := range eventFields {
		t.add(name, meaning{f, 255, true})
	}
	return t
}()

// ownField returns the key and the meaning of a field that a user names.
func ownField(name string) (key []byte, m meaning, err error) {
	key = []byte(name)
	for _, prefix := range [...]string{"attr.", "attr_"} {
		if strings.HasPrefix(name, prefix) && len(name) > len(prefix) {
			return key[len(prefix):], meaning{}, nil
		}
	}
	hash := hashKey(hashSeed, key)
	if m = eventKeys.find(hash); m.field == fNone {
		m = keyMeanings.find(hash)
	}
	if m.field == fNone {
		return nil, m, fmt.Errorf("%q is no field: events have %s; attr.NAME keeps what rules alone look at", name, strings.Join(FieldNames(), ", "))
	}
	m.rank = 255
	if m.field == fMessage {
		m.rank = 0
	}
	return key, m, nil
}

// FieldNames returns the fields that a user's format can name, sorted.
func FieldNames() (names []string) {
	for name := range eventFields {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// compilePattern makes p read what a pattern fits: text as it stands, in which a
// backslash guards the byte after it, and fields. Blanks around a field may be more
// than the pattern has, as layouts pad levels.
func compilePattern(p Parser, pattern string) (*Parser, error) {
	t := template{padded: true}
	for i := 0; i < len(pattern); {
		switch c := pattern[i]; {
		case c == '\\' && i+1 < len(pattern):
			if pattern[i+1] == 't' {
				t.text("\t")
			} else {
				t.text(pattern[i+1 : i+2])
			}
			i += 2
		case c == '%' && i+1 < len(pattern) && pattern[i+1] == '{':
			n := strings.IndexByte(pattern[i:], '}')
			if n < 0 {
				return nil, badFormat(i, "%{ without }")
			}
			name, field, named := strings.Cut(pattern[i+2:i+n], ":")
			kind, ok := patternTypes[name]
			if !ok {
				return nil, badFormat(i, fmt.Sprintf("%q is no type: there are %s", name, strings.Join(PatternTypes(), ", ")))
			}
			t.field("", i)
			sl := &t.slots[len(t.slots)-1]
			sl.is, sl.stamp = kind.is, kind.stamp
			if named {
				var err error
				if sl.key, sl.m, err = ownField(field); err != nil {
					return nil, badFormat(i, err.Error())
				}
			}
			i += n + 1
		default:
			t.text(pattern[i : i+1])
			i++
		}
	}
	if err := t.check(); err != nil {
		return nil, err
	}
	return t.parser(p), nil
}

// A patternType says what a text must be to be a field's value.
type patternType struct {
	is    func(v []byte) bool // nil takes anything
	stamp bool
}

// patternTypes are the types of a pattern's fields, by the names that grok
// patterns have for them and by shorter ones.
var patternTypes = func() map[string]patternType {
	types := map[string]patternType{}
	for names, t := range map[string]patternType{
		"ANY DATA GREEDYDATA": {},
		"TIMESTAMP TIMESTAMP_ISO8601 HTTPDATE SYSLOGTIMESTAMP": {stamp: true},
		"IP IPV4 IPV6 HOSTPORT":                                {is: isAddressPort},
		"HOST HOSTNAME IPORHOST":                               {is: isHost},
		"NUMBER BASE10NUM":                                     {is: isNumber},
		"INT POSINT NONNEGINT":                                 {is: isDigits},
		"WORD NOTSPACE USER USERNAME EMAILADDRESS UUID URI URIPATH URIPATHPARAM": {is: isOneWord},
		"METHOD":         {is: isMethod},
		"STATUS":         {is: func(v []byte) bool { return parseStatus(v) > 0 }},
		"LEVEL LOGLEVEL": {is: isLevel},
	} {
		for name := range strings.FieldsSeq(names) {
			types[name] = t
		}
	}
	return types
}()

// PatternTypes returns the types that a pattern's fields can have.
func PatternTypes() []string {
	return []string{"ANY", "HOST", "INT", "IP", "LEVEL", "METHOD", "NUMBER", "STATUS", "TIMESTAMP", "WORD"}
}

func isOneWord(v []byte) bool {
	for _, c := range v {
		if c <= ' ' {
			return false
		}
	}
	return len(v) > 0
}

// compileRegexp makes p read what a regular expression fits.
func compileRegexp(p Parser, expr string) (*Parser, error) {
	re, err := regexp.Compile(`\A(?s:` + expr + `)\z`)
	if err != nil {
		return nil, badRegexp(expr)
	}
	type group struct {
		key []byte
		m   meaning
		n   int
	}
	var groups []group
	for n, name := range re.SubexpNames() {
		if name == "" {
			continue
		}
		key, m, err := ownField(name)
		if err != nil {
			return nil, err
		}
		groups = append(groups, group{key, m, n})
	}
	if groups == nil {
		return nil, errors.New("the expression names no fields: (?P<source_ip>...) is a group that does")
	}
	p.own = true
	p.Parse = func(r *Record, s *Scratch) bool {
		at := re.FindSubmatchIndex(r.Text)
		if at == nil {
			return false
		}
		w := &s.walk
		w.begin()
		for _, g := range groups {
			if from := at[2*g.n]; from >= 0 {
				w.named(r, s, g.key, g.m, r.Text[from:at[2*g.n+1]])
			}
		}
		w.finish(r, s)
		return true
	}
	return &p, nil
}

// badRegexp is the error of an expression, without the text that is put around it.
func badRegexp(expr string) error {
	_, err := regexp.Compile(expr)
	if err == nil { // it closes a group that it didn't open
		return errors.New("unexpected )")
	}
	if bad := (*syntax.Error)(nil); errors.As(err, &bad) {
		return fmt.Errorf("%s: %s", bad.Code, bad.Expr)
	}
	return err
}

// compileKeys makes p read objects that have at least one of the keys.
func compileKeys(p Parser, keys []Key) (*Parser, error) {
	type member struct {
		path string
		m    meaning
	}
	var members []member
	for _, k := range keys {
		if k.Path == "" {
			return nil, errors.New("a key without a name")
		}
		_, m, err := ownField(k.Field)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", k.Path, err)
		}
		members = append(members, member{k.Path, m})
	}
	p.own, p.First = true, "{["
	p.Parse = func(r *Record, s *Scratch) bool {
		w := &s.walk
		w.reset()
		if !w.object(r, s) {
			r.restart()
			return false
		}
		found, words := false, false
		for _, k := range members {
			i := r.findAttr(k.path, -1, 0)
			if i < 0 {
				continue
			}
			found = true
			if k.m.field == fMessage && !words { // the words that were named, and no others
				w.n, words = 0, true
			}
			if k.m.field != fNone {
				w.value(r, s, &w.stack[0], k.m, i)
			}
		}
		if !found {
			r.restart()
			return false
		}
		w.finish(r, s)
		r.pickMissing(s)
		return true
	}
	return &p, nil
}
