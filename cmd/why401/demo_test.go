package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// TestDemo holds the shipped demo logs against what their generator writes.
func TestDemo(t *testing.T) {
	dir := t.TempDir()
	cmd := exec.Command("go", "run", filepath.Join("testdata", "demo.go"), "-dir", dir)
	cmd.Dir = filepath.Join("..", "..")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	for _, name := range []string{"edge.log", "shop.log"} {
		want, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		got, err := os.ReadFile(filepath.Join("..", "..", "testdata", "demo", name))
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, want) {
			t.Errorf("%s isn't what its generator writes: go run testdata/demo.go", name)
		}
		if n := bytes.Count(got, []byte("\n")); n < 2000 {
			t.Errorf("%s has %d lines", name, n)
		}
	}
}
