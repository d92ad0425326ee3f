package report

import (
	"bytes"
	"cmp"
	"crypto/hmac"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"

	"why401/detectors"
	"why401/detectors/leak"
)

// A Baseline is the leaks that were known at some time, by file and fingerprint:
// one whose line moved is still known, the same credential in another file isn't.
// It holds no credential, and is worth nothing without its key.
type Baseline struct {
	key   []byte
	leaks map[knownLeak]baselineLeak
	full  bool
}

type knownLeak struct{ file, fingerprint string }

// baselineLeak is a leak as the file has it. Line and kind are for people.
type baselineLeak struct {
	Fingerprint string `json:"fingerprint"`
	File        string `json:"file"`
	Line        int64  `json:"line"`
	Kind        string `json:"kind"`
}

type baselineFile struct {
	Type     string         `json:"type"`
	Version  int            `json:"version"`
	KeyCheck string         `json:"key_check"` // the fingerprint of keyCheck
	Leaks    []baselineLeak `json:"leaks"`
}

const (
	baselineType    = "why401-baseline"
	baselineVersion = 1
	keyCheck        = "why401 baseline key check"
	maxBaseline     = 1_000_000 // leaks
	maxBaselineSize = 512 << 20 // bytes of a file
)

// NewBaseline returns an empty Baseline under key.
func NewBaseline(key []byte) *Baseline {
	return &Baseline{key: key, leaks: map[knownLeak]baselineLeak{}}
}

// ErrBaselineKey is what ReadBaseline returns for a baseline of another key.
var ErrBaselineKey = errors.New("it was made with another key")

// ReadBaseline reads what Write wrote under the same key. Errors quote nothing of it.
func ReadBaseline(r io.Reader, key []byte) (*Baseline, error) {
	data, err := io.ReadAll(io.LimitReader(r, maxBaselineSize+1))
	if err != nil {
		return nil, err
	}
	var file baselineFile
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if d.Decode(&file) != nil || file.Type != baselineType || d.More() || len(data) > maxBaselineSize {
		return nil, errors.New("it is no baseline, or not a whole one")
	}
	if file.Version != baselineVersion {
		return nil, fmt.Errorf("it is of version %d, and this why401 reads version %d", file.Version, baselineVersion)
	}
	if !hmac.Equal([]byte(file.KeyCheck), []byte(leak.Fingerprint(key, []byte(keyCheck)))) {
		return nil, ErrBaselineKey
	}
	b := NewBaseline(key)
	for _, l := range file.Leaks {
		b.leaks[knownLeak{slashed(l.File), l.Fingerprint}] = l
	}
	return b, nil
}

func (b *Baseline) has(f *detectors.LeakFinding) bool {
	if b == nil || f.Fingerprint == "" {
		return false
	}
	_, ok := b.leaks[knownLeak{slashed(f.File), f.Fingerprint}]
	return ok
}

func (b *Baseline) add(f *detectors.LeakFinding) {
	k := knownLeak{slashed(f.File), f.Fingerprint}
	if _, ok := b.leaks[k]; ok {
		return
	}
	if len(b.leaks) == maxBaseline {
		b.full = true
		return
	}
	b.leaks[k] = baselineLeak{f.Fingerprint, k.file, f.Line, f.Kind}
}

// Len returns how many leaks b holds.
func (b *Baseline) Len() int { return len(b.leaks) }

// Write writes b as JSON, a leak a line, in an order that makes versions of a
// file easy to compare.
func (b *Baseline) Write(w io.Writer) error {
	if b.full {
		return fmt.Errorf("there are more than %s leaks", Number(maxBaseline))
	}
	list := make([]baselineLeak, 0, len(b.leaks))
	for _, l := range b.leaks {
		list = append(list, l)
	}
	slices.SortFunc(list, func(a, b baselineLeak) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Fingerprint, b.Fingerprint))
	})
	o := object{[]byte{'{'}}
	o.string("type", baselineType)
	o.int("version", baselineVersion)
	o.string("key_check", leak.Fingerprint(b.key, []byte(keyCheck)))
	o.key("leaks")
	o.b = append(o.b, '[')
	for i, l := range list {
		o.b = append(append(o.b, ",\n"[min(i, 1)^1:]...), '{')
		o.string("fingerprint", l.Fingerprint)
		o.string("file", l.File)
		o.int("line", l.Line)
		o.string("kind", l.Kind)
		o.b = append(o.b, '}')
	}
	_, err := w.Write(append(o.b, "\n]}\n"...))
	return err
}
