package correlate

import (
	"fmt"
	"hash/crc32"
	"reflect"
	"runtime"
	"unsafe"

	"why401/detectors"
	"why401/rules"
)

// A State is what a tracker knows of clients, routes and replicas. It holds no names
// or addresses, only hashes of them under Key, which must be a stored one. What waits
// is no part of it: Flush judges that.
type State struct {
	Key *detectors.Key

	// Data is that of the tracker before, as it was, nil for none; Flush replaces it.
	Data []byte
}

// stateVersion goes up when what is remembered gets another meaning.
const stateVersion = 1

// use goes on with what is known. What a program wrote that remembers other things is
// left: then a log is judged as one of which no earlier part is known.
func (t *Tracker) use(s *State) {
	t.seed, t.names = s.Key.String("clients"), s.Key
	h, outages := newHistory(), t.outages
	m := memory{data: s.Data}
	if m.code(&h, &outages); !m.bad && len(m.data) == 0 {
		t.history, t.outages = h, outages
	}
	s.Data = nil
}

// remember writes down what is known.
func (t *Tracker) remember(s *State) {
	m := memory{write: true}
	m.code(&t.history, &t.outages)
	s.Data = m.data
}

// A memory is what values lie in as bytes. They hold no pointers, and are read only by
// a program in which they look the same.
type memory struct {
	data  []byte
	write bool // else values are read
	bad   bool // it is not what was written
}

func (m *memory) code(h *history, outages *[numClasses]outage) {
	same := layout(h, outages)
	was := same
	if code(m, &was); was != same {
		m.bad = true
		return
	}
	h.clients.code(m)
	h.routes.code(m)
	h.failures.code(m)
	h.crowds.code(m)
	h.replicas.code(m)
	h.aliases.code(m)
	h.misses.code(m)
	h.lockouts.code(m)
	h.accounts.code(m)
	h.lapses.code(m)
	code(m, &h.grants)
	code(m, &h.renewed)
	code(m, &h.schemes)
	code(m, outages)
}

// code writes a value that holds no pointers, or reads it.
func code[V any](m *memory, v *V) { codeAll(m, unsafe.Slice(v, 1)) }

func codeAll[V any](m *memory, s []V) {
	b := unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(s))), uintptr(len(s))*unsafe.Sizeof(*new(V)))
	switch {
	case m.write:
		m.data = append(m.data, b...)
	case m.bad || len(m.data) < len(b):
		m.bad = true
	default:
		m.data = m.data[copy(b, m.data):]
	}
}

func (r *recent[V]) code(m *memory) {
	n, hand := len(r.slots), r.hand
	code(m, &n)
	if code(m, &hand); m.bad || n < 0 || n > r.max || hand < 0 || hand >= r.max {
		m.bad = true
		return
	}
	if !m.write {
		r.slots, r.used, r.hand = make([]slot[V], n), make([]bool, n), hand
	}
	codeAll(m, r.slots)
	codeAll(m, r.used)
	if !m.write {
		r.reindex()
	}
}

// layout tells apart what looks different in memory or means something else.
func layout(values ...any) uint64 {
	text := fmt.Append(nil, stateVersion, runtime.GOARCH)
	for c := range rules.Cause(rules.NumCauses) {
		text = fmt.Append(text, c, ' ')
	}
	for _, v := range values {
		text = appendType(text, reflect.TypeOf(v).Elem())
	}
	return uint64(crc32.ChecksumIEEE(text))<<32 | uint64(len(text))
}

func appendType(text []byte, t reflect.Type) []byte {
	text = fmt.Append(text, t.Kind(), t.Size(), ' ')
	switch t.Kind() {
	case reflect.Struct:
		for i := range t.NumField() {
			text = appendType(append(text, t.Field(i).Name...), t.Field(i).Type)
		}
	case reflect.Array, reflect.Slice:
		text = appendType(text, t.Elem())
	}
	return text
}
