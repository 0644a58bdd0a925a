import pytest

from service.language_models.weights.catalogue import DEFAULT_LLM, RECOMMENDED, Machine, fits, recommend

GB = 1_000_000_000


@pytest.mark.parametrize(
    ("memory_gb", "cores", "has_gpu", "name"),
    [
        (0.5, 1, False, "qwen2.5-coder-0.5b-instruct"),
        (4, 2, False, DEFAULT_LLM),
        (64, 2, False, DEFAULT_LLM),  # the processor decides
        (16, 8, False, RECOMMENDED[-1].name),
        (16, 2, True, RECOMMENDED[-1].name),
        (2, 16, False, DEFAULT_LLM),  # memory decides
        (16, 4, False, DEFAULT_LLM),  # larger ones that fit are not for commercial use
    ],
)
def test_the_largest_model_that_fits_is_recommended(
    memory_gb: float, cores: int, has_gpu: bool, name: str
) -> None:
    model = recommend(Machine(int(memory_gb * GB), cores, has_gpu=has_gpu))
    assert model.name == name


def test_what_is_recommended_fits_unless_nothing_does() -> None:
    machine = Machine(8 * GB, cores=4)
    assert fits(recommend(machine), machine)
