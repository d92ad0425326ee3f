package engine

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf16"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

func gzipped(t *testing.T, text string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := io.WriteString(w, text); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func zstandard(t *testing.T, text string) []byte {
	t.Helper()
	w, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	return w.EncodeAll([]byte(text), nil)
}

// bzip2 of "one\ntwo\n", as bzip2 1.0.8 writes it: Go has no writer.
var bzipped = []byte("BZh91AY&SY\xa7\x14+w\x00\x00\x02\xc1\x80\x00\x10\x02\x01\x84\x80 \x00!\x80\x0c\x028\xf5\x1b\x8b\xb9\"\x9c(HS\x8a\x15\xbb\x80")

func read(t *testing.T, name string, stdin io.Reader) (string, error) {
	t.Helper()
	in, err := (&Log{Name: name, Stdin: stdin}).open()
	if err != nil {
		return "", err
	}
	defer in.Close()
	b, err := io.ReadAll(in)
	return string(b), err
}

func TestOpenReadsWhatTheMagicBytesSay(t *testing.T) {
	dir := t.TempDir()
	text := strings.Repeat("a line of some length\n", 5000)
	for name, data := range map[string][]byte{
		"plain": []byte(text), "gzip": gzipped(t, text), "zstd": zstandard(t, text),
		"two members":     append(gzipped(t, text[:22*1000]), gzipped(t, text[22*1000:])...),
		"byte order mark": append([]byte("\xef\xbb\xbf"), text...),
	} {
		file := filepath.Join(dir, strings.ReplaceAll(name, " ", "-"))
		if err := os.WriteFile(file, data, 0o600); err != nil {
			t.Fatal(err)
		}
		if got, err := read(t, file, nil); err != nil || got != text {
			t.Errorf("%s: %d bytes, %v; want %d", name, len(got), err, len(text))
		}
		if got, err := read(t, "-", bytes.NewReader(data)); err != nil || got != text {
			t.Errorf("%s by standard input: %d bytes, %v; want %d", name, len(got), err, len(text))
		}
	}
	for _, tiny := range []string{"", "B", "BZ", "\x1f", "\xef\xbb", "\n"} {
		if got, err := read(t, "-", strings.NewReader(tiny)); err != nil || got != tiny {
			t.Errorf("%q became %q, %v", tiny, got, err)
		}
	}
}

func TestOpenRefusesWhatItCannotUnpack(t *testing.T) {
	for _, p := range packers {
		data := string(p.magic) + "and what follows"
		if _, err := read(t, "-", iotest.OneByteReader(strings.NewReader(data))); !errors.Is(err, ErrNotText) || !strings.Contains(err.Error(), p.name) {
			t.Errorf("%s: %v", p.name, err)
		}
	}
}

func TestOpenReadsUTF16(t *testing.T) {
	want := "a line\r\nj\u00fcrgen \u20ac \U0001f511 end\n"
	for _, order := range []binary.AppendByteOrder{binary.LittleEndian, binary.BigEndian} {
		data := order.AppendUint16(nil, 0xfeff)
		for _, u := range utf16.Encode([]rune(want)) {
			data = order.AppendUint16(data, u)
		}
		packed := gzipped(t, string(data))
		for _, r := range []io.Reader{bytes.NewReader(data), iotest.OneByteReader(bytes.NewReader(data)),
			bytes.NewReader(data[2:]), bytes.NewReader(packed), iotest.OneByteReader(bytes.NewReader(packed))} {
			if got, err := read(t, "-", r); err != nil || got != want {
				t.Errorf("%v: %q, %v", order, got, err)
			}
		}
		broken := append(order.AppendUint16(order.AppendUint16(bytes.Clone(data[:2]), 0xd83d), 'x'), 'y')
		if got, err := read(t, "-", bytes.NewReader(broken)); err != nil || got != "\ufffdx" {
			t.Errorf("half a pair and half a unit: %q, %v", got, err)
		}
	}
}

func TestOpenReadsBzip2(t *testing.T) {
	if got, err := read(t, "-", bytes.NewReader(bzipped)); err != nil || got != "one\ntwo\n" {
		t.Errorf("%q, %v", got, err)
	}
}

func TestTruncatedGzipGivesWhatThereIs(t *testing.T) {
	text := strings.Repeat("a line of some length\n", 5000)
	data := gzipped(t, text)
	got, err := read(t, "-", bytes.NewReader(data[:len(data)-20]))
	if err == nil || !strings.Contains(err.Error(), "too early") || !strings.HasPrefix(text, got) {
		t.Errorf("%d bytes, error %v", len(got), err)
	}
	if _, err := read(t, "-", strings.NewReader("\x1f\x8bnothing of the kind")); err == nil {
		t.Error("garbage behind gzip's magic bytes is no error")
	}
}

func TestCompressedBombIsRefused(t *testing.T) {
	b := &bounded{r: zeros{}, in: &counter{n: 1000}}
	n, err := io.Copy(io.Discard, b)
	if !errors.Is(err, ErrTooDense) || n < maxDense {
		t.Errorf("refused after %d bytes: %v", n, err)
	}
}

type zeros struct{}

func (zeros) Read(b []byte) (int, error) { return len(b), nil }

func TestOpenExpandsFoldersAndGlobs(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"a.log": "x\n", "b.log.gz": string(gzipped(t, "x\n")), "sub/c.log": "x\n", ".hidden": "x\n", "sub/image.bin": "a\x00b", "empty.log": "",
	} {
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(filepath.Join(dir, "none"), 0o700); err != nil {
		t.Fatal(err)
	}
	try := func(want []string, wantSkipped []string, args ...string) {
		t.Helper()
		for i, a := range args {
			if a != "-" {
				args[i] = filepath.Join(dir, a)
			}
		}
		logs, skipped := Open(args, nil)
		var got, gotSkipped []string
		for _, l := range logs {
			got = append(got, rel(dir, l.Name))
		}
		for _, s := range skipped {
			if s.Err == nil {
				t.Errorf("%s is skipped without a word", s.Name)
			}
			gotSkipped = append(gotSkipped, rel(dir, s.Name))
		}
		if !slices.Equal(got, want) || !slices.Equal(gotSkipped, wantSkipped) {
			t.Errorf("%v gives %v without %v, want %v without %v", args, got, gotSkipped, want, wantSkipped)
		}
	}
	try([]string{"-"}, nil)
	try([]string{"-"}, nil, "-", "-")
	try([]string{"a.log", "b.log.gz", "empty.log", "sub/c.log"}, []string{"sub/image.bin"}, ".")
	try([]string{"a.log", "sub/c.log"}, []string{"**/*.none"}, "**/*.none", "a.log", "sub/c.log", "a.log")
	try([]string{"a.log", "empty.log", "sub/c.log"}, nil, "**/*.log")
	try([]string{"sub/image.bin"}, nil, "sub/image.bin")
	try(nil, []string{"missing.log"}, "missing.log")
	try(nil, []string{"none"}, "none")
}

func rel(dir, name string) string {
	if r, err := filepath.Rel(dir, name); err == nil && name != "-" {
		return r
	}
	return name
}
