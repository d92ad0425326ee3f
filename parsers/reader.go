package parsers

// A Reader turns blocks into records. It belongs to one goroutine; what it
// remembers between blocks never changes a result.
type Reader struct {
	opt     Options
	rec     Record
	scratch Scratch
}

// NewReader returns a Reader for opt.
func NewReader(opt Options) *Reader { return &Reader{opt: opt} }

// A Scratch is memory that lasts until the Reader goes on to the next record.
type Scratch struct{ buf []byte }

// Each calls visit for every entry of b, in order. No line is left out: what
// fits no format is visited with Format nil and Text alone set. Of a line in
// pieces only the first piece is visited, as one entry.
func (rd *Reader) Each(b *Block, visit func(r *Record)) {}

// Starts reports whether line surely starts an entry: whether a block may be cut
// before it. It knows nothing of the lines before.
func Starts(line []byte) bool { return true }
