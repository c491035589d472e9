"""A small DeepSeek-OCR (the first) of random weights, loaded and called as the published one: trust_remote_code, then `infer`.

The published code lies with its weights, so this is code of gb10's own, of the same parts: a SAM encoder, 16 times compressed; a CLIP
encoder over what it gives; a projector; a decoder whose first layer is dense and whose others have shared and routed experts. The
decoder's classes are Qwen2-MoE's, for transformers 4.46 has none of DeepSeek's. One view of the page, without cut-outs.
"""
import torch
from PIL import Image, ImageOps
from torch import nn
from transformers import CLIPVisionConfig, PretrainedConfig, PreTrainedModel, Qwen2MoeConfig, Qwen2MoeForCausalLM, SamVisionConfig
from transformers.models.clip.modeling_clip import CLIPEncoder
from transformers.models.sam.modeling_sam import SamVisionEncoder


class TinyOcrConfig(PretrainedConfig):
    model_type = "gb10_tiny_deepseek_ocr"

    def __init__(self, sam=None, clip=None, text=None, new_tokens=16, **kwargs):
        self.sam, self.clip, self.text = sam or {}, clip or {}, text or {}
        self.new_tokens = new_tokens
        super().__init__(**kwargs)


class TinyOcr(PreTrainedModel):
    config_class = TinyOcrConfig

    def __init__(self, config):
        super().__init__(config)
        sam = SamVisionConfig(**config.sam)
        clip = CLIPVisionConfig(**config.clip)
        text = Qwen2MoeConfig(**config.text, attn_implementation="eager")
        width = sam.output_channels
        self.sam = SamVisionEncoder(sam)
        self.compress = nn.Sequential(
            nn.Conv2d(width, 2 * width, 3, stride=2, padding=1), nn.Conv2d(2 * width, clip.hidden_size, 3, stride=2, padding=1),
        )
        self.clip = CLIPEncoder(clip)
        self.projector = nn.Linear(2 * clip.hidden_size, text.hidden_size)
        self.decoder = Qwen2MoeForCausalLM(text)
        self.generated = 0
        self.post_init()

    def _init_weights(self, module):
        pass

    def seen(self, image_file, size):
        """The page as the decoder takes it: one vector for each 64 by 64 pixels."""
        with Image.open(image_file) as image:
            square = ImageOps.pad(image.convert("RGB"), (size, size), color=(127, 127, 127))
        pixels = torch.frombuffer(bytearray(square.tobytes()), dtype=torch.uint8).view(size, size, 3).permute(2, 0, 1)
        pixels = (pixels.to(self.device, self.dtype) / 127.5 - 1).unsqueeze(0)
        local = self.compress(self.sam(pixels)[0]).flatten(2).transpose(1, 2)
        return self.projector(torch.cat([self.clip(inputs_embeds=local)[0], local], dim=-1))

    def embedded(self, tokenizer, prompt, image_file, size):
        """The prompt, with the page in the place of its <image>."""
        before, _, after = prompt.partition("<image>")
        page = self.seen(image_file, size)
        embed = self.decoder.get_input_embeddings()
        words = [torch.tensor([tokenizer(part).input_ids], device=self.device, dtype=torch.long) for part in (before, after)]
        return torch.cat([embed(words[0]), page, embed(words[1])], dim=1)

    @torch.inference_mode()
    def logits(self, tokenizer, prompt, image_file, base_size=1024):
        return self.decoder(inputs_embeds=self.embedded(tokenizer, prompt, image_file, base_size)).logits.float().cpu()

    @torch.inference_mode()
    def infer(self, tokenizer, prompt="", image_file="", output_path="", base_size=1024, image_size=640, crop_mode=True,
              test_compress=False, save_results=False, eval_mode=False):
        given = self.embedded(tokenizer, prompt, image_file, base_size)
        mask = torch.ones(given.shape[:2], dtype=torch.long, device=self.device)
        out = self.decoder.generate(
            inputs_embeds=given, attention_mask=mask, max_new_tokens=self.config.new_tokens, min_new_tokens=self.config.new_tokens,
            do_sample=False,
        )
        self.generated = int(out.shape[1])
        text = tokenizer.decode(out[0])
        return text if eval_mode else print(text)
