package parsers

// A Record is what one entry of a log says, usually about one HTTP request. It
// is one variable, reused: every slice points into the block, or into the
// Reader's scratch memory, and is valid only during the call that hands the
// record over. A zero field means that the entry did not say.
type Record struct {
	Raw   []byte // the lines as they stand in the block, without the last line's ending (log.record.original)
	Text  []byte // Raw with its wrappers taken off; lines joined by '\n'
	Line  int64  // number of the first line in its source, from 1 (log.file.line); a list of records shares it
	Lines int    // physical lines, at least 1

	Format   *Parser  // nil where no format fits: why401.format is then "text"
	Wrappers []string // taken off, outermost first

	Time    int64   // Unix nanoseconds; 0 when the entry has no time
	Assumed Assumed // what of Time the entry did not say

	Client      []byte      // source.ip, as written; without a port
	ClientPort  []byte      // source.port
	Forwarded   []byte      // http.request.header.x-forwarded-for, forwarded or their kin: hops, the last one nearest
	User        []byte      // user.name; never "-"
	Method      []byte      // http.request.method
	URL         []byte      // url.original: path and query, or an absolute URL, as requested
	Path        []byte      // url.path: URL without origin, query and fragment
	Domain      []byte      // url.domain
	UserAgent   []byte      // user_agent.original
	Fingerprint Fingerprint // tls.client.ja3 and its kin
	Origin      []byte      // http.request.header.origin, or the referrer where only that is logged
	RequestID   []byte      // http.request.id
	TraceID     []byte      // trace.id
	Status      uint16      // http.response.status_code

	Outcome   Outcome // event.outcome, where the entry says so in a field of its own
	Level     []byte  // log.level
	Logger    []byte  // log.logger: logger, category, module or program
	Message   []byte  // event.reason: the server's own words, nothing that a client wrote where the layout tells them apart
	Code      []byte  // error.code: the product's own code for what happened (AADSTS50126, AH01617, LOGIN_ERROR ...)
	ErrorType []byte  // error.type: exception class, where it has a field of its own
	Challenge []byte  // http.response.header.www-authenticate
	Headed    bool    // the entry shows the response's headers: a challenge that isn't among them wasn't made
	Scheme    []byte  // auth-scheme of the credentials that came with the request, where logged apart
	Sent      Sent    // whether credentials came with the request, as this hop saw it
	Service   []byte  // service.name: whose entry it is where one log holds several's: container, program, unit; without the replica's number
	Upstream  []byte  // server.address: the replica that answered: upstream of a proxy, host or pod of an application

	Times  uint16 // how often it happened, where a syslog daemon counted ("message repeated 5 times"); 0 is once
	Part   Part   // which of its request's entries it is, where the format writes several
	Thread []byte // process.pid, connection or the like: what writes the parts of one request after the other

	// Attrs are the entry's key/value pairs in order of appearance, for
	// layouts that have them (JSON, logfmt, event lists); nested objects
	// come before their members.
	Attrs []Attr
}

// An Attr is one key and value of a structured entry.
type Attr struct {
	Key, Value []byte // as written, without quotes; Value of an object or array is its whole text
	Parent     int16  // index into Record.Attrs of the object or array that holds it, -1 at the top
	Kind       Kind
	Escaped    bool // Value holds backslash escapes
}

// Kind is the type of an Attr's value.
type Kind uint8

const (
	String Kind = iota
	Number
	Bool
	Null
	Object
	Array
)

// Outcome is ECS event.outcome.
type Outcome uint8

const (
	OutcomeUnknown Outcome = iota
	Success
	Failure
)

// Sent says whether a request carried credentials when it reached a hop.
type Sent uint8

const (
	SentUnknown Sent = iota // the entry doesn't show it
	SentAbsent              // the entry shows that there were none
	SentPresent
)

// Part says which of its request's entries one is, in layouts that write several.
// The parts share RequestID, or where there is none Thread.
type Part uint8

const (
	Whole  Part = iota
	Begins      // it tells the request: client, method, path
	GoesOn      // it tells more, such as the name among the parameters
	Ends        // it tells the answer
)

// Assumed is a set of what had to be assumed to read a time stamp.
type Assumed uint8

const (
	AssumedZone Assumed = 1 << iota
	AssumedYear
	AssumedDate
)

// Reset clears r for the next entry and keeps its memory.
func (r *Record) Reset() {
	*r = Record{Attrs: r.Attrs[:0], Wrappers: r.Wrappers[:0]}
}

// restart clears what a parser set before it found that it must say no.
func (r *Record) restart() {
	*r = Record{Raw: r.Raw, Text: r.Text, Line: r.Line, Lines: r.Lines, Attrs: r.Attrs[:0], Wrappers: r.Wrappers}
}

// Attr returns the value at a dotted path, "outcome.reason": of nested objects,
// of keys with dots in them, or of both. Keys are compared as written; of a list the
// first element counts.
func (r *Record) Attr(path string) (value Attr, ok bool) {
	if i := r.findAttr(path, -1, 0); i >= 0 {
		return r.Attrs[i], true
	}
	return Attr{}, false
}

func (r *Record) findAttr(path string, parent int16, from int) int {
	for i := from; i < len(r.Attrs); i++ {
		a := &r.Attrs[i]
		if a.Parent != parent || len(a.Key) > len(path) || string(a.Key) != path[:len(a.Key)] {
			continue
		}
		if len(a.Key) == len(path) {
			return i
		}
		if len(a.Key) == 0 && parent >= 0 { // the first element of a list
			return r.findAttr(path, int16(i), i+1)
		}
		if len(a.Key) > 0 && path[len(a.Key)] == '.' {
			if j := r.findAttr(path[len(a.Key)+1:], int16(i), i+1); j >= 0 {
				return j
			}
		}
	}
	return -1
}
