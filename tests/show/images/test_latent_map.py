"""The map that a page decodes by itself: what it accepts, and what it carries. The browser tests prove the decoding."""

import re
from base64 import b64decode

import numpy as np
import pytest
import torch
from torch import nn

from aigc_course.data.images import ink
from aigc_course.errors import CourseError
from aigc_course.models.images.vae import TRAINED_MAP, VAE, VAEConfig, load_vae
from aigc_course.show.images.latent_map import LatentMap


def test_the_page_carries_the_decoders_weights_in_order_and_no_address():
    decoder = nn.Sequential(nn.Linear(2, 3), nn.ReLU(), nn.Linear(3, 4))
    html = LatentMap(decoder, torch.tensor([[0.5, -1.0], [9.0, 0.0]]), ["7", "1"]).as_html()
    carried = np.frombuffer(b64decode(re.search(r'data-weights="([^"]+)"', html)[1]), "<f2")
    expected = torch.cat([part.flatten() for part in decoder.parameters()]).half()
    assert (carried == expected.detach().numpy()).all()
    assert '<text x="0.50" y="1.00"' in html and html.count(">7</text>") == 1
    assert ">1</text>" not in html.split('class="codes"')[1]                     # out of reach
    assert "http" not in html


def test_the_courses_own_map_fits_into_an_output():
    net, unseen = load_vae(config=TRAINED_MAP), ink(300, seed=101)
    html = LatentMap(net.decoder, net.encode(unseen.images)[0], [str(y) for y in unseen.labels.tolist()]).as_html()
    assert 150_000 < len(html) < 200_000


@pytest.mark.parametrize("config", [
    VAEConfig(z_dim=2, width=4), VAEConfig(z_dim=3, hidden=(8,)), VAEConfig(z_dim=2, hidden=(8,), activation="gelu"),
    VAEConfig(z_dim=2, hidden=(8,), shape=(1, 2, 3)),
])
def test_a_decoder_that_a_page_cannot_compute_is_refused(config):
    with pytest.raises(CourseError, match="linear layers with ReLU"):
        LatentMap(VAE(config).decoder, torch.zeros(1, 2), ["0"])


def test_a_decoder_too_large_for_a_page_is_refused():
    with pytest.raises(CourseError, match="kB, more than 200"):
        LatentMap(VAE(VAEConfig(z_dim=2, hidden=(128,))).decoder, torch.zeros(1, 2), ["0"]).as_html()
    with pytest.raises(ValueError, match="codes"):
        LatentMap(VAE(VAEConfig(z_dim=2, hidden=(8,))).decoder, torch.zeros(2, 2), ["0"])
