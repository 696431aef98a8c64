package zstdstage_test

import (
	"bytes"
	"errors"
	"strings"
	"sync"
	"testing"

	"github.com/larder-go/larder/codec"
	"github.com/larder-go/larder/codec/codectest"
	"github.com/larder-go/larder/codec/zstdstage"
)

func TestSuite(t *testing.T) {
	keys := codec.Keys(map[string][]byte{"aesgcm": []byte(strings.Repeat("k", 32))})
	for _, spec := range []string{"json|zstd", "binary|zstd", "binary|zstd(level=19)", "json|zstd|aesgcm"} {
		t.Run(spec, func(t *testing.T) {
			p, err := codec.Std().With(zstdstage.Maker()).Parse(spec, keys)
			if err != nil {
				t.Fatal(err)
			}
			if p.Name() != spec || !strings.Contains(p.Ext(), ".zst") {
				t.Errorf("it is named %s, %s", p.Name(), p.Ext())
			}
			codectest.Run(t, p)
		})
	}
}

func TestStage(t *testing.T) {
	for _, level := range []int{-1, 23} {
		if _, err := zstdstage.New(level); err == nil {
			t.Errorf("level %d is taken", level)
		}
	}
	s, err := zstdstage.New(0)
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for i := range 8 { // one encoder and decoder serve all
		wg.Go(func() {
			src := bytes.Repeat([]byte{byte(i)}, 10_000)
			data, err := s.Encode([]byte("a"), src)
			if err == nil {
				data, err = s.Decode([]byte("b"), data[1:])
			}
			if err != nil || !bytes.Equal(data[1:], src) || data[0] != 'b' {
				t.Errorf("%d: %v", i, err)
			}
		})
	}
	wg.Wait()
	bomb, err := s.Encode(nil, make([]byte, codec.MaxDecoded+1))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Decode(nil, bomb); !errors.Is(err, codec.ErrTooLarge) {
		t.Errorf("a bomb: got %v, want ErrTooLarge", err)
	}
	if _, err := s.Decode(nil, []byte("hello")); !errors.Is(err, codec.ErrCorrupt) {
		t.Errorf("something else: got %v, want ErrCorrupt", err)
	}
}
