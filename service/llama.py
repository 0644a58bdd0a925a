"""llama.cpp in this process: a Generator from a GGUF file.

The model serves one request at a time; the waiting lives here, so that no caller knows about it.
The state of a prompt's fixed part is kept in memory and on disk, so no question pays for reading it again.
"""

import threading
import time
from collections.abc import Sequence
from functools import cache, partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.one_thread import OneThread
from prompts.render import Message
from service.errors import GenerationFailed, ModelUnavailable
from service.generate import Allowed, Generation, GenerationRequest, OnText
from service.llama_writing import Writing, runs_in_a_circle
from service.prefixes import Prefixes, n_shared

_ALTERNATIVES = 40  # likeliest tokens that are tried where the likeliest is not allowed
_WORTH_TRYING = 4.0  # natural logarithm of how much less likely than the likeliest they may be
_SENTINEL = "\x02inyong\x02"  # stands for a message's content while the chat template is laid out


class LlamaCppGenerator:
    """A GGUF chat model in this process."""

    def __init__(
        self,
        path: Path,
        *,
        name: str,
        context_tokens: int = 4096,
        threads: int | None = None,
        gpu_layers: int = -1,
        state_folder: Path | None = None,
    ) -> None:
        """Loads the model. state_folder: where computed prompt prefixes are kept, None for memory only."""
        import llama_cpp
        from llama_cpp.llama_chat_format import Jinja2ChatFormatter

        self._llama_cpp: Any = llama_cpp
        self._thread = OneThread("language-model")
        self._name = name
        self._last_session: object | None = None
        llama_cpp.llama_log_set(_silence(), None)
        try:
            self._model: Any = llama_cpp.Llama(
                str(path),
                n_ctx=context_tokens,
                n_threads=threads,
                n_threads_batch=threads,
                n_gpu_layers=gpu_layers,
                verbose=False,
                seed=0,
            )
        except (ValueError, RuntimeError, OSError) as error:
            raise ModelUnavailable(f"{path}: llama.cpp cannot load this file ({error})") from error
        template = self._model.metadata.get("tokenizer.chat_template")
        if not template:
            raise ModelUnavailable(f"{path}: this GGUF has no chat template; use a chat (instruct) model")
        self._formatter = Jinja2ChatFormatter(
            template,
            eos_token=self._token_text(self._model.token_eos()),
            bos_token="",
            add_generation_prompt=True,
        )
        fingerprint = f"{path.name}-{path.stat().st_size}-{context_tokens}-{llama_cpp.__version__}"
        self._prefixes = Prefixes(state_folder, fingerprint)

    @property
    def name(self) -> str:
        """The model as it was asked for."""
        return self._name

    def count_tokens(self, text: str) -> int:
        """How many tokens the text is to this model."""
        return len(self._tokenize(text, special=False))

    def prepare(self, fixed: Sequence[Message]) -> None:
        """Reads the fixed messages once and keeps the model's state after them, in memory and on disk."""
        self._thread.call(partial(self._read, fixed))

    def _read(self, fixed: Sequence[Message]) -> None:
        tokens = tuple(self._prefix_tokens(fixed))
        if self._prefixes.find(tokens) is None:
            self._model.reset()
            self._model.eval(tokens)
            self._prefixes.keep(tokens, self._copy_state())

    def generate(self, request: GenerationRequest, on_text: OnText | None = None) -> Generation:
        """The model's next turn; see Generator."""
        began, interrupted = time.perf_counter(), threading.Event()
        work = partial(self._generate, request, on_text, began, interrupted)
        return self._thread.call(work, give_up=interrupted.set)

    def _generate(
        self, request: GenerationRequest, on_text: OnText | None, began: float, interrupted: threading.Event
    ) -> Generation:
        prompt = self._prompt_tokens(request.messages)
        prompt += self._tokenize(request.opening, special=False)
        room = self._model.n_ctx() - len(prompt)
        if room < request.max_tokens:
            raise GenerationFailed(
                f"the prompt has {len(prompt)} tokens and {request.max_tokens} are needed for the "
                f"answer, but the model's context holds {self._model.n_ctx()}; raise context_tokens or "
                "lower sentence_tokens"
            )
        cached = self._restore_known_beginning(prompt, request.session)
        writing = Writing(prompt, request.opening, on_text, interrupted)
        try:
            self._decode(writing, cached, request)
        except (RuntimeError, ValueError) as error:
            raise GenerationFailed(f"the language model failed: {error}") from error
        return Generation(
            text=writing.text,
            prompt_tokens=len(prompt),
            cached_prompt_tokens=cached,
            completion_tokens=writing.n_tokens,
            first_token_ms=(writing.first_token_at - began) * 1000,
            confidence=writing.confidence,
            first_confidence=writing.first_confidence,
        )

    def _decode(self, writing: Writing, cached: int, request: GenerationRequest) -> None:
        """Writes until the model ends its turn. cached: tokens of the prompt that the model has read."""
        self._model.n_tokens = cached  # reading on from here drops what lies behind
        self._model.eval(writing.prompt[cached:])
        while True:
            token, log_probability = self._pick(writing, request.allowed)
            writing.first_token_at = writing.first_token_at or time.perf_counter()
            if self._ends_turn(token) or writing.interrupted.is_set():
                return
            piece = self._model.detokenize([token], prev_tokens=writing.prompt)
            writing.add(token, piece, log_probability)
            if writing.n_tokens >= request.max_tokens or runs_in_a_circle(writing.tokens):
                return
            self._model.eval([token])

    def _log_probabilities(self) -> NDArray[np.float32]:
        """Natural logarithms of the probabilities of each next token, (n_vocab,).

        In single precision: a twentieth of the time a token takes went into twice as many digits.
        """
        pointer = self._model._ctx.get_logits()
        logits: NDArray[np.float32] = np.ctypeslib.as_array(pointer, shape=(self._model.n_vocab(),))
        below_highest = logits - logits.max()
        return np.asarray(below_highest - np.log(np.exp(below_highest).sum()))

    def _pick(self, writing: Writing, allowed: Allowed | None) -> tuple[int, float]:
        """The likeliest next token that is allowed, and the logarithm of its probability."""
        log_probabilities = self._log_probabilities()
        best = int(log_probabilities.argmax())
        if allowed is not None and not self._keeps_allowed(best, writing, allowed):
            likeliest = np.argpartition(-log_probabilities, _ALTERNATIVES)[:_ALTERNATIVES]
            likeliest = likeliest[log_probabilities[likeliest] > log_probabilities[best] - _WORTH_TRYING]
            ranked = (int(token) for token in likeliest[np.argsort(-log_probabilities[likeliest])])
            best = next((token for token in ranked if self._keeps_allowed(token, writing, allowed)), best)
        return best, float(log_probabilities[best])

    def _keeps_allowed(self, token: int, writing: Writing, allowed: Allowed) -> bool:
        if self._ends_turn(token):
            return True
        piece = self._model.detokenize([token], prev_tokens=writing.prompt)
        return allowed((bytes(writing.written) + piece).decode("utf-8", "ignore"))

    def _ends_turn(self, token: int) -> bool:
        return bool(self._llama_cpp.llama_vocab_is_eog(self._model._model.vocab, token))

    # Prompt layout

    def _prompt_tokens(self, messages: Sequence[Message]) -> list[int]:
        """The laid out prompt; only the template's own marks become special tokens, never a content's."""
        frame = self._formatter(
            messages=[{"role": message.role, "content": _SENTINEL} for message in messages]  # type: ignore[misc]
        ).prompt
        pieces = frame.split(_SENTINEL)
        if len(pieces) != len(messages) + 1:
            raise GenerationFailed("the model's chat template does not keep the messages apart; use another")
        tokens = self._tokenize(pieces[0], special=True, first=True)
        for message, piece in zip(messages, pieces[1:], strict=True):
            tokens += self._tokenize(message.content.replace(_SENTINEL, ""), special=False)
            tokens += self._tokenize(piece, special=True)
        return tokens

    def _prefix_tokens(self, fixed: Sequence[Message]) -> list[int]:
        """Tokens that every prompt beginning with these messages shares."""
        one = self._prompt_tokens([*fixed, Message("user", "a")])
        other = self._prompt_tokens([*fixed, Message("user", "1")])
        return one[: n_shared(one, other)]

    def _tokenize(self, text: str, *, special: bool, first: bool = False) -> list[int]:
        if not text:
            return []
        tokens: list[int] = self._model.tokenize(text.encode(), add_bos=first, special=special)
        return tokens

    def _token_text(self, token: int) -> str:
        text: bytes = self._model.detokenize([token], special=True)
        return text.decode("utf-8", "replace")

    # Kept prefixes

    def _restore_known_beginning(self, prompt: list[int], session: object | None) -> int:
        """Puts the model into the state after the known beginning of the prompt; its length.

        What lies behind the fixed part is known only to the session that it was read for. To another the
        count, or how soon the first token comes, would tell that somebody has just asked the same or been
        shown the same sentences.
        """
        is_same_session = session is not None and session is self._last_session
        self._last_session = session
        prefix = self._prefixes.longest_of(prompt)
        shared = n_shared(self._model.input_ids[: self._model.n_tokens], prompt)
        if not is_same_session:
            shared = min(shared, len(prefix))
        if len(prefix) > shared:
            self._apply_state(prefix, self._prefixes.find(prefix) or b"")
            return len(prefix)
        return min(shared, len(prompt) - 1)

    def _copy_state(self) -> bytes:
        lib, context = self._llama_cpp, self._model._ctx.ctx
        size = lib.llama_state_seq_get_size(context, 0)
        buffer = (lib.ctypes.c_uint8 * size)()
        written = lib.llama_state_seq_get_data(context, buffer, size, 0)
        return bytes(buffer[:written]) if written else b""

    def _apply_state(self, tokens: tuple[int, ...], state: bytes) -> None:
        lib = self._llama_cpp
        self._model.reset()
        buffer = (lib.ctypes.c_uint8 * len(state)).from_buffer_copy(state)
        if not lib.llama_state_seq_set_data(self._model._ctx.ctx, buffer, len(state), 0):
            self._model.eval(tokens)
            return
        self._model.input_ids[: len(tokens)] = tokens
        self._model.n_tokens = len(tokens)


@cache
def _silence() -> Any:
    """One callback for the life of the process: llama.cpp goes on calling it when a model is long gone."""
    import llama_cpp

    return llama_cpp.llama_log_callback(_ignore_log)


def _ignore_log(level: int, text: bytes, user_data: Any) -> None:
    """llama.cpp's own log lines are not for users."""
