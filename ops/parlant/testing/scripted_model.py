"""A language model that does as it is told, so that the real server runs without a key.

Every answer has the least content that its schema allows, overridden by what the script says for the schema's name.
"""

import hashlib
import math
import re
import types
import typing
from typing import Any, Literal, Mapping

from parlant.core.nlp.embedding import Embedder, EmbeddingResult
from parlant.core.nlp.generation import SchematicGenerationResult, SchematicGenerator, T
from parlant.core.nlp.generation_info import GenerationInfo, UsageInfo
from parlant.core.nlp.moderation import ModerationService, NoModeration
from parlant.core.nlp.service import NLPService
from parlant.core.nlp.tokenization import EstimatingTokenizer
from pydantic import BaseModel

DIMENSIONS = 32
REPLY = "As the script says."


class Script:
    """What the model is to say: by schema name, members of the answer; and whether it fails instead."""

    def __init__(self) -> None:
        self.answers: dict[str, dict[str, Any]] = {}
        self.fails = False

    def set(self, body: Mapping[str, Any]) -> None:
        self.answers = dict(body.get("answers") or {})
        self.fails = bool(body.get("fails"))


class WordCounter(EstimatingTokenizer):
    """Counts words, and at least one: the server divides by the count."""

    async def estimate_token_count(self, prompt: str) -> int:
        return prompt.count(" ") + 1


class WordEmbedder(Embedder):
    """A vector of word hashes: equal texts are near each other, and that is all."""

    async def embed(self, texts: list[str], hints: Mapping[str, Any] = {}) -> EmbeddingResult:
        return EmbeddingResult(vectors=[_vector(text) for text in texts])

    @property
    def id(self) -> str:
        return "scripted-embedder"

    @property
    def max_tokens(self) -> int:
        return 4096

    @property
    def tokenizer(self) -> EstimatingTokenizer:
        return WordCounter()

    @property
    def dimensions(self) -> int:
        return DIMENSIONS


class ScriptedGenerator(SchematicGenerator[T]):
    """Answers from the script that the service has put into the class."""

    script = Script()

    async def generate(self, prompt: Any, hints: Mapping[str, Any] = {}) -> SchematicGenerationResult[T]:
        if self.script.fails:
            raise RuntimeError("the script says that the model fails")
        name = self.schema.__name__
        answer = {**_least(self.schema), **_usual(name, prompt), **self.script.answers.get(name, {})}
        return SchematicGenerationResult(
            content=self.schema.model_validate(answer),
            info=GenerationInfo(schema_name=name, model=self.id, duration=0.0, usage=UsageInfo(0, 0)),
        )

    @property
    def id(self) -> str:
        return "scripted-generator"

    @property
    def max_tokens(self) -> int:
        return 1_000_000

    @property
    def tokenizer(self) -> EstimatingTokenizer:
        return WordCounter()


class ScriptedModel(NLPService):
    """The service that the server asks for generators."""

    def __init__(self, script: Script) -> None:
        ScriptedGenerator.script = script

    @property
    def supports_streaming(self) -> bool:
        return False

    async def get_schematic_generator(self, t: type[T], hints: Any = {}) -> SchematicGenerator[T]:
        return ScriptedGenerator[t]()  # type: ignore[valid-type]

    async def get_streaming_text_generator(self, hints: Any = {}) -> Any:
        raise NotImplementedError("the scripted model does not stream")

    async def get_embedder(self, hints: Any = {}) -> Embedder:
        return WordEmbedder()

    async def get_moderation_service(self) -> ModerationService:
        return NoModeration()


def _usual(schema: str, prompt: Any) -> dict[str, Any]:
    """What a well-meaning model says: every condition holds, the journey goes on, the customer gets a reply."""
    if schema == "GenericObservationalGuidelineMatchesSchema":
        text = prompt if isinstance(prompt, str) else prompt.build()
        numbers = sorted(set(re.findall(r'"guideline_id": ?"(\d+)"', text)), key=int)
        return {
            "checks": [{"guideline_id": n, "condition": "", "rationale": "script", "applies": True} for n in numbers]
        }
    if schema == "JourneyNextStepSelectionSchema":
        return {"journey_continues": True, "current_step_completed": True, "applied_condition_id": "1"}
    if schema == "MessageSchema":
        return {"revisions": [{"revision_number": 1, "content": REPLY}]}
    if schema == "CannedResponseDraftSchema":
        return {"response_body": REPLY}
    return {}


def _least(kind: Any) -> Any:
    """The least value of a type: nothing, zero, false, empty; for a model only the members that must be there."""
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return {name: _least(field.annotation) for name, field in kind.model_fields.items() if field.is_required()}
    origin, arguments = typing.get_origin(kind), typing.get_args(kind)
    if origin is Literal:
        return arguments[0]
    if origin in (typing.Union, types.UnionType):
        return None if type(None) in arguments else _least(arguments[0])
    if origin is dict or kind is dict or origin is not None and issubclass(origin, Mapping):
        return {}
    if origin is not None:
        return []
    return {str: "", bool: False, int: 1, float: 0.0}.get(kind)


def _vector(text: str) -> list[float]:
    counts = [0.0] * DIMENSIONS
    for word in text.lower().split() or [""]:
        counts[hashlib.sha256(word.encode()).digest()[0] % DIMENSIONS] += 1
    length = math.sqrt(sum(count * count for count in counts))
    return [count / length for count in counts]
