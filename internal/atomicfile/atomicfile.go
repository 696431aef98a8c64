// Package atomicfile writes files whole: under its real name a file holds the old bytes or the new ones, never a part.
//
// The bytes go to a temporary file with a random name, which is renamed over the real one when they are complete. A
// writer that fails removes its temporary file; one that is killed leaves it behind, under a name that begins with
// [TempPrefix], and whoever owns the folder may remove it later.
//
// [Write] is for one file by its path. [Create] is for a caller that holds an [os.Root] and wants to do something
// between the writing and the renaming, such as taking a lock. Two writers of one name do not disturb each other: the
// last to rename wins. For "only if nobody else wrote it", the caller holds a lock.
package atomicfile

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
)

// TempPrefix begins the name of every temporary file.
const TempPrefix = ".tmp-"

// Options says how a file is written. The zero value and nil work.
type Options struct {
	// Mode is the file's permissions; 0 means 0600. It is applied to the new file whatever the old one had (and less the
	// umask, as always).
	Mode fs.FileMode

	// Sync waits until the bytes and the new name are on the disk, so that the file survives a loss of power.
	Sync bool

	// TempDir is where Create puts the temporary file, relative to its root; empty means the folder of the file. It has
	// to lie on the same file system. Write ignores it.
	TempDir string
}

// Write puts data into the file called name. A symbolic link called name is replaced, not followed. The folder has to
// exist.
func Write(name string, data []byte, o *Options) (err error) {
	dir, base := filepath.Split(name)
	if dir == "" {
		dir = "."
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return fmt.Errorf("atomicfile: write %s: %w", name, err)
	}
	defer func() { err = errors.Join(err, root.Close()) }()
	var opts Options
	if o != nil {
		opts = *o
	}
	opts.TempDir = ""
	f, err := Create(root, base, &opts)
	if err != nil {
		return err
	}
	if _, err := f.Write(data); err != nil {
		return errors.Join(err, f.Discard())
	}
	return f.Commit()
}

// File is a file that is being written. It is for one goroutine. Either Commit or Discard has to be called.
type File struct {
	root *os.Root
	f    *os.File
	temp string
	name string
	sync bool
	done bool
}

// Create begins to write the file that will be called name, a slash-separated path inside root. Its folder and the
// temporary one have to exist; the name itself is not touched before Commit.
func Create(root *os.Root, name string, o *Options) (*File, error) {
	var opts Options
	if o != nil {
		opts = *o
	}
	if opts.Mode == 0 {
		opts.Mode = 0o600
	}
	dir := opts.TempDir
	if dir == "" {
		dir = path.Dir(name)
	}
	temp := path.Join(dir, TempPrefix+strings.ToLower(rand.Text()))
	f, err := root.OpenFile(temp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, opts.Mode)
	if err != nil {
		return nil, fmt.Errorf("atomicfile: write %s: %w", name, err)
	}
	return &File{root: root, f: f, temp: temp, name: name, sync: opts.Sync}, nil
}

// Write implements io.Writer.
func (f *File) Write(p []byte) (int, error) {
	n, err := f.f.Write(p)
	if err != nil {
		return n, fmt.Errorf("atomicfile: write %s: %w", f.name, err)
	}
	return n, nil
}

// Finish ends the writing, flushes to the disk where Sync was asked for, and returns what the system says about the
// file; its size and its time of change stay the same through Commit. Commit calls it where the caller did not.
func (f *File) Finish() (fs.FileInfo, error) {
	if f.f == nil {
		return f.root.Lstat(f.temp)
	}
	var info fs.FileInfo
	var err error
	if f.sync {
		err = f.f.Sync()
	}
	if err == nil {
		info, err = f.f.Stat()
	}
	err = errors.Join(err, f.f.Close())
	f.f = nil
	if err != nil {
		return nil, fmt.Errorf("atomicfile: write %s: %w", f.name, err)
	}
	return info, nil
}

// Commit puts the file under its name. On any failure the temporary file is removed and the name holds what it held,
// except that with Sync a failure to flush the folder is reported although the new file stands.
func (f *File) Commit() error {
	if f.f != nil {
		if _, err := f.Finish(); err != nil {
			return errors.Join(err, f.Discard())
		}
	}
	if err := f.root.Rename(f.temp, f.name); err != nil {
		return errors.Join(fmt.Errorf("atomicfile: write %s: %w", f.name, err), f.Discard())
	}
	f.done = true
	if f.sync {
		if err := SyncDir(f.root, path.Dir(f.name)); err != nil {
			return fmt.Errorf("atomicfile: write %s: flush its folder: %w", f.name, err)
		}
	}
	return nil
}

// Discard removes the temporary file. After Commit, and the second time, it does nothing.
func (f *File) Discard() error {
	if f.done {
		return nil
	}
	f.done = true
	var err error
	if f.f != nil {
		err = f.f.Close()
		f.f = nil
	}
	if e := f.root.Remove(f.temp); e != nil && !errors.Is(e, fs.ErrNotExist) {
		err = errors.Join(err, e)
	}
	if err != nil {
		return fmt.Errorf("atomicfile: discard %s: %w", f.name, err)
	}
	return nil
}
