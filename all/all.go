// Package all opens a cache from a location string, with every store and serializer of larder linked in. Programs that
// want only what they use open a store of theirs and call larder.New.
package all

import (
	"context"
	"errors"
	"fmt"

	"github.com/larder-go/larder"
	"github.com/larder-go/larder/codec"
	"github.com/larder-go/larder/codec/zstdstage"
)

// Registry returns a registry with every codec and stage of larder.
func Registry() *codec.Registry { return codec.Std().With(zstdstage.Maker()) }

// ErrLocation reports a location string, or a serializer in it, that cannot be used as it is written.
var ErrLocation = errors.New("location")

// Open opens the cache at a location and checks that it can be used:
//
//	memory:                        in memory, gone with the process
//	file:my_cache?codec=json|zstd  files in a folder
//	sqlite:http_cache.db           a SQLite database
//
// Parameters stand behind a question mark with & between; codec is the serializer for new entries. max_bytes bounds what
// is kept, the least recently used goes (memory: 256M; file and sqlite: no limit), max_entry one response (an eighth of
// that); K, M, G and T stand for powers of 1024. file takes sync (true: every write waits for the disk). Closing the cache closes its store. A nil o is the defaults;
// Options.Codecs is Registry() where it is nil.
func Open(ctx context.Context, location string, o *larder.Options) (*larder.Cache, error) {
	loc, err := parse(location)
	if err != nil {
		return nil, fmt.Errorf("all: %w %q: %w", ErrLocation, location, err)
	}
	var opts larder.Options
	if o != nil {
		opts = *o
	}
	if opts.Codecs == nil {
		opts.Codecs = Registry()
	}
	opts.CloseStore = true
	if spec, ok := loc.params["codec"]; ok {
		if opts.Codec != nil {
			return nil, fmt.Errorf("all: %w %q: it names a codec and Options.Codec another: give one", ErrLocation, location)
		}
		if opts.Codec, err = opts.Codecs.Parse(spec, opts.Keys); err != nil {
			return nil, fmt.Errorf("all: %w %q: %w", ErrLocation, location, err)
		}
	}
	st, err := loc.open()
	if err != nil {
		return nil, fmt.Errorf("all: open %s: %w", location, err)
	}
	c, err := larder.New(st, &opts)
	if err != nil {
		return nil, errors.Join(err, st.Close())
	}
	if err := c.Check(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("all: open %s: %w", location, err), c.Close())
	}
	return c, nil
}
