package main

import (
	"context"
	"errors"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/larder-go/larder"
	"github.com/larder-go/larder/all"
	"github.com/larder-go/larder/session"
)

// place is the cache that a command works on.
type place struct{ location, codec string }

func (p *place) flags(c *cobra.Command) {
	c.Flags().StringVar(&p.location, "cache", "", "`LOCATION` of the cache: sqlite:FILE, file:FOLDER or memory: (default: the user's own, in SQLite)")
}

func (p *place) codecFlag(c *cobra.Command) {
	c.Flags().StringVar(&p.codec, "codec", "", "serializer for new entries, such as json or 'json|zstd' (`SPEC`; default: as the cache was made)")
}

// open opens the cache. What is wrong with the location or the codec is a usage error.
func (p *place) open(ctx context.Context) (*larder.Cache, error) {
	var err error
	if p.location == "" {
		if p.location, err = defaultCache(); err != nil {
			return nil, err
		}
	}
	o := &larder.Options{Codecs: all.Registry(), Keys: userKeys{}}
	if p.codec != "" {
		if o.Codec, err = o.Codecs.Parse(p.codec, o.Keys); err != nil {
			return nil, &exit{exitUsage, err}
		}
	}
	c, err := all.Open(ctx, p.location, o)
	if err != nil && ctx.Err() == nil {
		if errors.Is(err, all.ErrLocation) {
			return nil, &exit{exitUsage, err}
		}
		return nil, err
	}
	return c, err
}

// savedSession is a session with the file it came from.
type savedSession struct {
	*session.Session
	file string
	seal session.Seal
	was  []byte
}

// sealOf is how a saved session is protected, as its first bytes say.
func sealOf(file string) (session.Seal, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return session.Seal{}, err
	}
	if !session.IsSealed(data) {
		return session.Plain, nil
	}
	key, err := userKey()
	return session.Sealed(key), err
}

func openSession(name string, o *session.Options) (*savedSession, error) {
	file, err := sessionFile(name)
	if err != nil {
		return nil, err
	}
	seal, err := sealOf(file)
	if os.IsNotExist(err) {
		return nil, fail(exitFailed, "no session %q: make one with larder session login %s URL", name, name)
	}
	if err != nil {
		return nil, err
	}
	s, err := session.OpenFile(file, seal, o)
	if err != nil {
		return nil, err
	}
	was, err := s.MarshalJSON()
	return &savedSession{s, file, seal, was}, err
}

// saveChanged writes the session back where requests have changed it.
func (s *savedSession) saveChanged() error {
	now, err := s.MarshalJSON()
	if err != nil || string(now) == string(s.was) {
		return err
	}
	return s.SaveFile(s.file, s.seal)
}

// finishWait is how long a command waits at its end for what it does in the background.
const finishWait = 5 * time.Second

// finish closes the cache. What is still validated in the background is awaited for a moment, and ended by Ctrl-C: no command
// fails for it.
func finish(ctx context.Context, cache *larder.Cache) error {
	ctx, cancel := context.WithTimeout(ctx, finishWait)
	defer cancel()
	err := cache.Shutdown(ctx)
	if err == ctx.Err() { // the store itself has closed
		return nil
	}
	return err
}
