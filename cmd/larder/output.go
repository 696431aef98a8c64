package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/larder-go/larder/internal/atomicfile"
)

// output is where a body goes: standard output, a device, or a file that appears whole or not at all.
type output struct {
	io.Writer
	commit  func() error
	discard func()
}

func (g *getter) openOutput(stdio stdio) (output, error) {
	nothing := func() error { return nil }
	if g.output == "" || g.output == "-" {
		return output{stdio.out, nothing, func() {}}, nil
	}
	target, mode := g.output, os.FileMode(0o644)
	fi, err := os.Stat(target)
	if err == nil && fi.Mode().IsRegular() { // it keeps its mode, and a link goes on leading to it
		mode = fi.Mode().Perm()
		if real, err := filepath.EvalSymlinks(target); err == nil {
			target = real
		}
	}
	if err == nil && !fi.Mode().IsRegular() {
		f, err := os.OpenFile(g.output, os.O_WRONLY, 0)
		if err != nil {
			return output{}, fmt.Errorf("get: -o: %w", err)
		}
		return output{f, f.Close, func() { f.Close() }}, nil
	}
	dir, name := filepath.Split(target)
	root, err := os.OpenRoot(filepath.Join(dir, "."))
	if err != nil {
		return output{}, fmt.Errorf("get: -o: %w", err)
	}
	f, err := atomicfile.Create(root, name, &atomicfile.Options{Mode: mode})
	if err != nil {
		root.Close()
		return output{}, fmt.Errorf("get: -o: %w", err)
	}
	return output{
		Writer: f,
		commit: func() error {
			if err := f.Commit(); err != nil {
				return fmt.Errorf("get: -o: %w", err)
			}
			return nil
		},
		discard: func() {
			f.Discard()
			root.Close()
		},
	}, nil
}
